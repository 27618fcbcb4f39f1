/** @module The findings of a run: why it stopped, rows in the quarantine, rows that the reconciliation finds. */
import { command, offer } from "../report/command.ts";
import { errorFinding } from "../report/report-body.ts";
import type { Check, Finding } from "../report/report.ts";
import { count, grouped } from "../report/wording.ts";
import { quoteString } from "../sql/quote.ts";
import type { Backfill } from "./backfill.ts";
import { type Progress, quarantinedRows } from "./backfill-state.ts";
import type { Quarantined, Reconciliation } from "./rows-left.ts";
import type { Ending, RunResult } from "./run-request.ts";

export function reconciliationCheck(left: Reconciliation): Check {
  const base = { id: "backfill.reconciled", expected: "0 left over", evidence: {} };
  if (left.outcome === "not checked") return { ...base, outcome: "not-checked", measured: null };
  const rows = left.outcome === "empty" ? 0 : left.count;
  return { ...base, outcome: rows === 0 ? "pass" : "fail", measured: `${rows} left over` };
}

/** `query` makes the command that runs an SQL query. */
export function quarantineFinding(
  { name, file }: Backfill,
  { conflict, invalid }: Progress["counts"],
  query: (sql: string) => string,
): Finding {
  return {
    rule: "quarantined",
    level: "warning",
    file,
    message: `The quarantine has ${count(conflict + invalid, "row")}: ${grouped(conflict)} in conflict, ${grouped(invalid)} invalid. d1ops processed the other rows.`,
    help: offer(
      "To see them",
      query(
        `SELECT key, outcome, reason, original FROM d1ops_quarantine WHERE backfill = ${quoteString(name)}`,
      ),
    ),
  };
}

/** Rows that a text report lists. */
const LISTED = 20;

/** For a dry run: d1ops deletes the copy that contains these rows, so the report lists them. */
export function wouldQuarantine({ file }: Backfill, quarantined: Quarantined): Finding {
  const lines = quarantined.rows
    .slice(0, LISTED)
    .map(({ key, outcome, reason }) => `${key}: ${outcome}, ${reason}`);
  const more = quarantined.count - lines.length;
  if (more > 0) lines.push(`and ${grouped(more)} more: data.quarantined of --json has up to 1,000`);
  return {
    rule: "quarantined",
    level: "warning",
    file,
    message: `${count(quarantined.count, "row")} would go to the quarantine. d1ops would process the other rows.`,
    help: lines.join("\n"),
  };
}

export function leftOverFinding(
  { file, name }: Backfill,
  { count: rows, sample }: Extract<Reconciliation, { outcome: "left over" }>,
): Finding {
  const [column = ""] = Object.keys(sample[0] ?? {});
  const first = sample.slice(0, 3).map((row) => String(row[column]).slice(0, 40));
  const more = rows > first.length ? ", …" : "";
  return {
    rule: "left-over",
    level: "error",
    file,
    message: `The reconciliation of ${name} still finds ${count(rows, "row")}: ${column} ${first.join(", ")}${more}.`,
    help: `Rows were inserted or changed behind the checkpoint, or the backfill leaves them out. data.leftOver of --json has the first 20.\n${offer("To process all rows again", command("backfill run", name, "--anew"))}`,
  };
}

/** Why a run stopped before its end; null if it did not. `dry`: the run worked on a copy. */
export function endingFinding(
  { name, file }: Backfill,
  { ending, progress }: RunResult,
  dry: boolean,
): Finding | null {
  const written = dry ? "d1ops kept none of it" : "what was written stays";
  switch (ending.kind) {
    case "scanned":
      return null;
    case "interrupted":
      return {
        file,
        rule: "interrupted",
        level: "info",
        message: `${name} was interrupted; ${dry ? written : "its last window was written"}.`,
      };
    case "limit":
      return {
        file,
        rule: "limit-reached",
        level: "warning",
        message: `${name} has reached --${ending.limit}; ${written}.`,
        ...(!dry && {
          help:
            ending.limit === "max-quarantined"
              ? `Look at the quarantine. ${offer("To continue with these rows in it", continueCommand(progress, ending))}`
              : "Run the command again to continue.",
        }),
      };
    case "stopped":
      return {
        file,
        rule: "stopped",
        level: "warning",
        message: `Another command stopped ${name}: ${ending.how}. What was written stays.`,
      };
    case "failed":
      return {
        file,
        rule: "statement-failed",
        level: "error",
        // The offset counts in the statement that d1ops made of the file.
        message: `${name}: ${ending.message.replace(/ at offset \d+/, "")}`,
        help: "No single row is at fault, so d1ops rolled this window back. Fix the file and begin again with --anew. Write the outcome so that rows that earlier windows changed are `already`.",
      };
    case "error": {
      const { error } = ending;
      return errorFinding(error, "error", { file, message: `${name}: ${error.message}` });
    }
  }
}

export function continueCommand({ name, counts }: Progress, ending: Ending): string {
  // A corrected file has to process all rows again.
  if (ending.kind === "failed") return command("backfill run", name, "--anew");
  // The quarantine keeps its rows, so the same limit would end every later run at once.
  const full = ending.kind === "limit" && ending.limit === "max-quarantined";
  const more = full ? [`--${ending.limit}`, `${quarantinedRows(counts)}`] : [];
  return command("backfill run", name, ...more);
}
