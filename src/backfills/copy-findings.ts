/** @module The findings about a copy of a remote database: where the copy differs from the database. */
import type { RemoteCopy } from "../database/remote-copy.ts";
import { OpsError } from "../report/error.ts";
import type { Check, Finding } from "../report/report.ts";
import { count } from "../report/wording.ts";

type Flaws = Exclude<RemoteCopy["flaws"], OpsError>;

/** `database`: its name. */
export function copyFindings(
  database: string,
  { flaws, orphans }: Pick<RemoteCopy, "flaws" | "orphans">,
): Finding[] {
  return [
    ...changedValues(flaws).map((flaw) => flawFinding(database, flaw)),
    ...orphansFinding(database, orphans),
  ];
}

/** Rows with new rowids have the same values. */
function changedValues(flaws: RemoteCopy["flaws"]): Flaws {
  return flaws instanceof OpsError ? [] : flaws.filter(({ effect }) => effect === "changed");
}

function flawFinding(database: string, flaw: Flaws[number]): Finding {
  const { table, column, what } = flaw;
  const where = column === null ? table : `${table}.${column}`;
  return {
    rule: "copy-differs",
    level: "warning",
    table,
    message: `The copy differs from ${database}: ${where}, ${count(flaw.count, "row")}: ${what}.`,
    help: "Cloudflare's export changes these values. For these rows, a run on the database may have other results than this dry run.",
  };
}

/** Null: d1ops could not check the copy. The database has these orphans too, unless the export changed a key. */
function orphansFinding(database: string, orphans: RemoteCopy["orphans"]): Finding[] {
  const base = { rule: "copy-orphans", level: "warning" } as const;
  const help = `Run PRAGMA foreign_key_check on ${database}. If it does not report the same rows, the export changed a key.`;
  if (orphans === null) {
    const message = "d1ops could not check whether the copy has all parents of its rows.";
    return [{ ...base, message, help }];
  }
  return orphans.map(({ table, rows }) => ({
    ...base,
    table,
    message: `In the copy, ${table} has ${count(rows, "row")} without a parent row.`,
    help,
  }));
}

export function exactnessCheck({ flaws, evidence }: Pick<RemoteCopy, "flaws" | "evidence">): Check {
  const base = { id: "copy.exact", expected: "0 differences" };
  if (flaws instanceof OpsError) {
    const reason = flaws.message;
    return { ...base, outcome: "not-checked", measured: null, evidence: { ...evidence, reason } };
  }
  const changed = changedValues(flaws).length;
  return {
    ...base,
    outcome: changed === 0 ? "pass" : "warn",
    measured: count(changed, "difference"),
    evidence,
  };
}
