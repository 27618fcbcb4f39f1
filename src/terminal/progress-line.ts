/**
 * One line of progress: count, rate, remaining time and cost, as a bar for a terminal or as plain text.
 * @module
 */
import { clip, columns } from "../report/layout.ts";
import type { Paint } from "../report/paint.ts";
import type { ProgressDetails } from "../report/progress.ts";
import { duration } from "../report/wording.ts";
import { grouped } from "../report/grouped.ts";

/** What was said last, and since when this kind of work is under way. */
export interface Standing {
  readonly done: number;
  readonly total: number | null;
  readonly label: string;
  readonly details: ProgressDetails;
  /** Milliseconds of the clock. */
  readonly beganAt: number;
  /** `done` at that time: a run that goes on does not count what an earlier one has done. */
  readonly base: number;
}

export interface Seen extends Standing {
  readonly seconds: number;
}

const widestBar = 30;
const narrowestBar = 8;
const widestLabel = 32;

/** Without a terminal: `Copying 5/10 rows (50 %), 3 rows/s, 2 s left`. */
export function plainLine(seen: Seen): string {
  const share = percentOf(seen);
  const head = `${seen.label} ${amountOf(seen)}${share === null ? "" : ` (${share} %)`}`;
  return [head, ...detailsOf(seen)].join(", ");
}

/** `Copying ━━━━━━────  50 %  5/10 rows  3 rows/s  2 s left`; what does not fit is left out from the right. */
export function barLine(seen: Seen, room: number, paint: Paint, unicode: boolean): string {
  const label = clip(seen.label, Math.min(widestLabel, room));
  const share = percentOf(seen);
  const amount = amountOf(seen);
  const facts = [...(share === null ? [] : [`${share} %`.padStart(5)]), amount];
  for (const detail of detailsOf(seen)) {
    if (widthOf([label, ...facts, detail]) <= room - (share === null ? 0 : narrowestBar + 2)) {
      facts.push(detail);
    }
  }
  const free = room - widthOf([label, ...facts]) - 2;
  if (share === null || free < narrowestBar) return clip([label, ...facts].join("  "), room);
  const bar = barOf(share, Math.min(widestBar, free), paint, unicode);
  return [label, bar, ...facts].join("  ");
}

function widthOf(parts: readonly string[]): number {
  return columns(parts.join("  "));
}

function barOf(share: number, width: number, paint: Paint, unicode: boolean): string {
  const full = Math.round((Math.min(share, 100) / 100) * width);
  const [done, open] = unicode ? ["━", "─"] : ["#", "-"];
  return paint.cyan(done.repeat(full)) + paint.dim(open.repeat(width - full));
}

function percentOf({ done, total }: Seen): number | null {
  return total === null || total <= 0 ? null : Math.min(100, Math.floor((100 * done) / total));
}

/** `5/10 rows`, `1.2/30.0 MB`, `12 s`. */
function amountOf({ done, total, details: { unit } }: Seen): string {
  if (unit === "seconds") return `${done} s`;
  const show = unit === "bytes" ? megabytes : grouped;
  const count = total === null || total <= 0 ? show(done) : `${show(done)}/${show(total)}`;
  return `${count} ${unit === "bytes" ? "MB" : unit}`;
}

function detailsOf(seen: Seen): string[] {
  const { done, total, base, seconds, details } = seen;
  const { unit, cost, note } = details;
  const each = seconds > 0 ? (done - base) / seconds : 0;
  const known = unit !== "seconds" && each > 0 && seconds >= 1;
  const left = total === null || !known ? null : Math.max(0, total - done) / each;
  return [
    ...(known ? [`${rateText(each, unit)}/s`] : []),
    ...(left === null ? [] : [`${duration(Math.ceil(left) * 1000).replace(".0 s", " s")} left`]),
    ...(known || seconds < 1 || unit === "seconds" ? [] : [`${Math.floor(seconds)} s`]),
    ...(cost === undefined ? [] : [cost]),
    ...(note === undefined || note === "" ? [] : [note]),
  ];
}

function rateText(each: number, unit: string): string {
  if (unit === "bytes") return `${megabytes(each)} MB`;
  const rounded = each >= 10 ? Math.round(each) : Number(each.toPrecision(2));
  return `${grouped(rounded)} ${unit}`;
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1);
}
