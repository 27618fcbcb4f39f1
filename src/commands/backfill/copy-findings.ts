/**
 * What a report says of a copy that was made of an export: where it is not what is there.
 * @module
 */
import { count as counted } from "../../report/wording.ts";
import type { Flaw } from "../../cloudflare/dump-flaws.ts";
import type { Orphans } from "../../database/load-dump.ts";
import { OpsError } from "../../report/error.ts";
import type { Check, Finding, Json } from "../../report/report.ts";

export function flawFinding(database: string, { table, column, count, what }: Flaw): Finding {
  const where = column === null ? table : `${table}.${column}`;
  return {
    rule: "copy-differs",
    level: "warning",
    table,
    message: `The copy is not exactly ${database}: ${where}, ${rows(count)}: ${what}.`,
    help: "An export writes them so. What is said here of these rows may not be what becomes of them there.",
  };
}

/** They are so there too, unless the export has changed a key: nobody but the database itself could tell. */
export function orphansFinding(database: string, orphans: readonly Orphans[] | null): Finding[] {
  const base = { rule: "copy-orphans", level: "warning" } as const;
  const help = `Is it so in ${database} too? PRAGMA foreign_key_check tells. If not, the export has changed a key.`;
  if (orphans === null) {
    const message = "Whether all rows of the copy have their parents could not be looked at.";
    return [{ ...base, message, help }];
  }
  return orphans.map(({ table, rows: count }) => ({
    ...base,
    table,
    message: `In the copy ${rows(count)} of ${table} ${count === 1 ? "refers" : "refer"} to rows that are not there.`,
    help,
  }));
}

export function exactnessCheck(
  flaws: readonly Flaw[] | OpsError,
  evidence: { readonly [key: string]: Json },
): Check {
  const base = { id: "copy.exact", expected: "0 differences" };
  if (flaws instanceof OpsError) {
    const reason = flaws.message;
    return { ...base, outcome: "not-checked", measured: null, evidence: { ...evidence, reason } };
  }
  return {
    ...base,
    outcome: flaws.length === 0 ? "pass" : "warn",
    measured: counted(flaws.length, "difference"),
    evidence,
  };
}

function rows(count: number): string {
  return counted(count, "row");
}
