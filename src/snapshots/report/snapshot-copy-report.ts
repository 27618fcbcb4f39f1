/** @module The report of `snapshot copy`. */
import { type Body, errorFinding, partialOutcome, step } from "../../report/report-body.ts";
import type { OpsError } from "../../report/error.ts";
import type { Finding, Step } from "../../report/report.ts";
import { count } from "../../report/wording.ts";
import type { Unreadable } from "../store/catalog.ts";
import type { Copied, CopyPlan } from "../store/copy.ts";
import { unreadableFindings } from "./snapshot-list-report.ts";
import { moment, size, sourceText } from "./snapshot-words.ts";

export interface Copy {
  /** In the order of the copies. */
  readonly plans: readonly CopyPlan[];
  /** The stores, as messages name them. */
  readonly from: string;
  readonly to: string;
  readonly short: (id: string) => string;
  /** The same command, to be run after a dry run or an error. */
  readonly again: string;
  /** The command that proves these snapshots in the other store: an id, or `--all`. */
  readonly prove: (...words: readonly string[]) => string;
  /** Snapshots that were meant, too. */
  readonly unreadable: readonly Unreadable[];
}

export type CopyEnd =
  | { readonly kind: "dry run" }
  /** `results`: those of the first plans. `error`: why there are no more. */
  | {
      readonly kind: "ended";
      readonly results: readonly Copied[];
      readonly error: OpsError | null;
    };

export function snapshotCopyReport(copy: Copy, end: CopyEnd): Body {
  const results = end.kind === "dry run" ? copy.plans.map(expected) : end.results;
  const error = end.kind === "dry run" ? null : end.error;
  const lost = findings(copy, results);
  const idsOf = (kind: Copied["kind"]): string[] =>
    copy.plans.flatMap(({ snapshot: { id } }, at) => (results[at]?.kind === kind ? [id] : []));
  const copied = results.filter((one) => one.kind === "copied");
  const written = {
    packs: copied.reduce((sum, { packs }) => sum + packs, 0),
    bytes: copied.reduce((sum, { bytes }) => sum + bytes, 0),
  };
  const isDryRun = end.kind === "dry run";
  return {
    ...(error === null
      ? { outcome: outcomeOf(lost, copied.length > 0 && !isDryRun) }
      : partialOutcome(error)),
    summary: summary(copy, { isDryRun, error, results, ...written }),
    steps: copy.plans.map((plan, at) => line(copy, plan, results[at], isDryRun)),
    findings: [...(error === null ? [] : [errorFinding(error, "error")]), ...lost],
    data: {
      from: copy.from,
      to: copy.to,
      copied: isDryRun ? [] : idsOf("copied"),
      planned: isDryRun ? idsOf("copied") : [],
      there: idsOf("there"),
      damaged: [...idsOf("damaged"), ...copy.unreadable.map(({ id }) => id)],
      gone: idsOf("gone"),
      ...written,
    },
    next:
      error !== null || (isDryRun && copied.length > 0)
        ? [copy.again]
        : proveCommands(copy, idsOf("copied")),
  };
}

/** A proof counts in its own store only. */
function proveCommands({ short, prove }: Copy, copied: readonly string[]): string[] {
  const [only, another] = copied;
  if (only === undefined) return [];
  return [another === undefined ? prove(short(only)) : prove("--all")];
}

function outcomeOf(lost: readonly Finding[], isChanged: boolean): Body["outcome"] {
  if (lost.some(({ level }) => level === "error")) return "problems";
  return isChanged ? "changed" : "ok";
}

/** What a dry run expects of a plan. */
function expected({ isThere, packs }: CopyPlan): Copied {
  if (isThere) return { kind: "there" };
  const bytes = packs.reduce((sum, one) => sum + one.bytes, 0);
  return { kind: "copied", packs: packs.length, bytes };
}

interface Totals {
  readonly isDryRun: boolean;
  readonly error: OpsError | null;
  readonly results: readonly Copied[];
  readonly packs: number;
  readonly bytes: number;
}

function summary({ plans, from, to }: Copy, totals: Totals): string {
  const { isDryRun, error, results, packs, bytes } = totals;
  const copied = results.filter(({ kind }) => kind === "copied").length;
  if (plans.length === 0) return `No snapshots to copy in ${from}`;
  if (copied === 0 && results.every(({ kind }) => kind === "there")) {
    return `Nothing to copy: ${to} has ${plans.length === 1 ? "the snapshot" : `all ${count(plans.length, "snapshot")}`}`;
  }
  const what = `${count(copied, "snapshot")} with ${count(packs, "pack")} (${size(bytes)}) from ${from} to ${to}`;
  if (isDryRun) return `Would copy ${what}`;
  return error === null ? `Copied ${what}` : `Stopped: copied ${what}`;
}

function line(
  { short }: Copy,
  { snapshot: { id, manifest } }: CopyPlan,
  result: Copied | undefined,
  isDryRun: boolean,
): Step {
  const about = `${moment(manifest.takenAt)}, ${sourceText(manifest)}`;
  const note = (text: string): string => `${about}, ${text}`;
  switch (result?.kind) {
    case undefined:
      return step(short(id), "failed", note("not copied"));
    case "there":
      return step(short(id), "skipped", note("there already"));
    case "gone":
      return step(short(id), "skipped", note("deleted meanwhile"));
    case "damaged":
      return step(short(id), "failed", note("damaged"));
    case "copied": {
      const text = `${count(result.packs, "pack")}, ${size(result.bytes)}`;
      return step(short(id), isDryRun ? "planned" : "done", note(text));
    }
  }
}

function findings({ plans, short, unreadable }: Copy, results: readonly Copied[]): Finding[] {
  const damaged = results.flatMap((result, at): Finding[] => {
    const id = plans[at]?.snapshot.id ?? "";
    if (result.kind !== "damaged") return [];
    const message = `The snapshot ${short(id)} was not copied: ${result.error.message}`;
    return [
      errorFinding(result.error, "error", {
        rule: "snapshot-damaged",
        message,
        data: { snapshot: id },
      }),
    ];
  });
  return [...damaged, ...unreadableFindings({ unreadable })];
}
