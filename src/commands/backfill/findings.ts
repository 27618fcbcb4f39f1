/**
 * What a run of a backfill finds at its end: rows in the quarantine, rows left over.
 * @module
 */
import { count as counted } from "../../report/wording.ts";
import { command, offer } from "../../report/command.ts";
import type { Backfill } from "../../backfills/backfill.ts";
import type { Quarantined } from "../../backfills/quarantined.ts";
import type { Reconciliation } from "../../backfills/reconcile.ts";
import type { Check, Finding } from "../../report/report.ts";
import { grouped } from "../../report/grouped.ts";
import { quoteString } from "../../sql/quote.ts";

export function reconciliationCheck(left: Reconciliation): Check {
  const base = { id: "backfill.reconciled", expected: "0 left over" };
  if (left.outcome === "not checked") {
    return { ...base, outcome: "not-checked", measured: null, evidence: {} };
  }
  const count = left.outcome === "empty" ? 0 : left.count;
  return {
    ...base,
    outcome: count === 0 ? "pass" : "fail",
    measured: `${count} left over`,
    evidence: {},
  };
}

export function quarantineFinding(
  { name, file }: Backfill,
  conflict: number,
  invalid: number,
  query: (sql: string) => string,
): Finding {
  return {
    rule: "quarantined",
    level: "warning",
    file,
    message: `${conflict + invalid === 1 ? "1 row is" : `${text(conflict + invalid)} rows are`} in the quarantine: ${text(conflict)} in conflict, ${text(invalid)} invalid. The others went on.`,
    help: offer(
      "To see them",
      query(
        `SELECT key, outcome, reason, original FROM d1ops_quarantine WHERE backfill = ${quoteString(name)}`,
      ),
    ),
  };
}

/** Rows that a text report names. */
const NAMED = 20;

/** Of a dry run: the copy that has them goes, so the report names them. */
export function wouldQuarantine({ file }: Backfill, { count, rows }: Quarantined): Finding {
  const named = rows
    .slice(0, NAMED)
    .map(({ key, outcome, reason }) => `${key}: ${outcome}, ${reason}`);
  const more = count - named.length;
  const rest =
    more > 0 ? [`and ${text(more)} more: data.quarantined of --json has up to 1,000`] : [];
  return {
    rule: "quarantined",
    level: "warning",
    file,
    message: `${counted(count, "row")} would go to the quarantine. The others would go on.`,
    help: [...named, ...rest].join("\n"),
  };
}

export function leftOverFinding({ file, name }: Backfill, count: number): Finding {
  return {
    rule: "left-over",
    level: "error",
    file,
    message: `The reconciliation of ${name} finds ${count === 1 ? "1 row that is" : `${text(count)} rows that are`} not done.`,
    help: `They were inserted or changed behind the cursor, or the backfill leaves them out. Look at data.leftOver (--json).\n${offer("To go through all rows again", command("backfill run", name, "--anew"))}`,
  };
}

function text(count: number): string {
  return grouped(count);
}
