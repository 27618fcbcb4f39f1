/** @module One line of progress: count, rate, remaining time and cost, as a bar for a terminal or as plain text. */
import { clip, columns } from "../report/layout.ts";
import type { Paint } from "../report/text-style.ts";
import type { ProgressDetails } from "../report/progress.ts";
import { duration, grouped } from "../report/wording.ts";

/** The last update, and the start of this kind of work. */
export interface Count {
  readonly done: number;
  readonly total: number | null;
  readonly label: string;
  readonly details: ProgressDetails;
  /** Milliseconds of the clock. */
  readonly beganAt: number;
  /** `done` at `beganAt`: a resumed run does not count the work of earlier runs. */
  readonly base: number;
}

export interface TimedCount extends Count {
  readonly seconds: number;
}

const widestBar = 30;
const narrowestBar = 8;
const widestLabel = 32;

/** Without a terminal: `Copying 5/10 rows (50 %), 3 rows/s, 2 s left`. */
export function plainLine(count: TimedCount): string {
  const share = percentOf(count);
  const head = `${count.label} ${amountOf(count)}${share === null ? "" : ` (${share} %)`}`;
  return [head, ...detailsOf(count)].join(", ");
}

/** `Copying ━━━━━━────  50 %  5/10 rows  3 rows/s  2 s left`. Leaves out the details that do not fit. */
export function barLine(count: TimedCount, room: number, paint: Paint, unicode: boolean): string {
  const label = clip(count.label, Math.min(widestLabel, room));
  const share = percentOf(count);
  const amount = amountOf(count);
  const facts = [...(share === null ? [] : [`${share} %`.padStart(5)]), amount];
  for (const detail of detailsOf(count)) {
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

function percentOf({ done, total }: TimedCount): number | null {
  return total === null || total <= 0 ? null : Math.min(100, Math.floor((100 * done) / total));
}

/** `5/10 rows`, `1.2/30.0 MB`, `12 s`. */
function amountOf({ done, total, details: { unit } }: TimedCount): string {
  if (unit === "seconds") return `${done} s`;
  const show = unit === "bytes" ? megabytes : grouped;
  const amount = total === null || total <= 0 ? show(done) : `${show(done)}/${show(total)}`;
  return `${amount} ${unit === "bytes" ? "MB" : unit}`;
}

function detailsOf(count: TimedCount): string[] {
  const { done, total, base, seconds, details } = count;
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
