/** @module The findings of `clone`: what it replaces, what it does not mask, and where originals are left. */
import type { Finding, Target } from "../report/report.ts";
import { count, environmentText } from "../report/wording.ts";
import type { Clone } from "./clone-result.ts";
import type { ColumnTally } from "./mask-rows.ts";
import { lostContentFindings } from "../snapshots/report/replacement-findings.ts";
import type { RestorePlan } from "../snapshots/restore/restore-plan.ts";
import { atMostTen } from "../snapshots/report/snapshot-words.ts";

/** What of the present would be lost. Empty if the database is local, and has no rows and no objects that the clone lacks. */
export function replacedFindings(plan: RestorePlan, target: Target, from: string): Finding[] {
  return [
    ...{ local: [], remote: [remoteReplaced(target, from)] }[target.place],
    ...lostContentFindings(plan, target, `the clone of ${from}`),
  ];
}

/** A remote database belongs to others, too. So its name is required also if it is empty. */
function remoteReplaced(target: Target, from: string): Finding {
  return {
    rule: "remote-replaced",
    level: "warning",
    message: `The clone of ${from} replaces the content of the remote database ${target.database} (environment ${environmentText(target)}).`,
  };
}

export function unmaskedFindings({ unmasked, hasMasks }: Clone): Finding[] {
  return unmasked.map(({ table, columns }) => ({
    rule: "not-masked",
    level: "warning",
    table,
    message: `${atMostTen(columns)} of ${table} ${columns.length === 1 ? "looks" : "look"} personal and ${columns.length === 1 ? "is" : "are"} copied as ${columns.length === 1 ? "it is" : "they are"}.`,
    help: hasMasks
      ? 'Add a mask to the file, or "keep" if this is intended.'
      : "Write a file with masks, and pass it with --mask FILE. docs/clone.md of the package d1ops describes it.",
    data: { columns },
  }));
}

/** Values with masks for paths that are not JSON, or have none of the paths. */
export function maskFindings({ tallies }: Clone): Finding[] {
  return [...tallies].flatMap(([table, columns]) =>
    columns.flatMap((one) => [...notJsonFindings(table, one), ...unmatchedFindings(table, one)]),
  );
}

function notJsonFindings(table: string, { column, notJson }: ColumnTally): Finding[] {
  if (notJson === 0) return [];
  const one = notJson === 1;
  const message = `${count(notJson, "value")} of ${table}.${column} ${one ? "is" : "are"} not JSON text, so d1ops masked ${one ? "it" : "them"} as a whole.`;
  const data = { column, values: notJson };
  return [{ rule: "not-json", level: "warning", table, message, data }];
}

function unmatchedFindings(table: string, { column, unmatched }: ColumnTally): Finding[] {
  if (unmatched === 0) return [];
  const one = unmatched === 1;
  const message = `No path of the masks leads to a value in ${count(unmatched, "value")} of ${table}.${column}, so d1ops copied ${one ? "it" : "them"} unmasked.`;
  const help = `Add the paths of ${one ? "this value" : "these values"}. The path "$" with "text" masks all that no other path names, and with "keep" says that this is intended.`;
  const data = { column, values: unmatched };
  return [{ rule: "no-path-found", level: "warning", table, message, help, data }];
}

/** Columns, and objects of the schema, that contain originals of masked values. */
export function leakFindings({ leaks: { leaks, search }, leakyObjects }: Clone): Finding[] {
  const inRows = leaks.map(({ table, column, rows }) => ({
    rule: "masked-value-found",
    level: "warning" as const,
    table,
    message: `${count(rows, "row")} of ${table} ${rows === 1 ? "has" : "have"} a value in ${column} that is masked elsewhere.`,
    help: `Mask ${column} of ${table}, or set the table to "empty", or the column to "keep" if this is intended.`,
    data: { column, rows },
  }));
  const inSchema = leakyObjects.map(({ type, name, table }) => ({
    rule: "masked-value-found",
    level: "warning" as const,
    table,
    message: `The definition of the ${type} ${name} has a value that is masked in the rows.`,
    help: "A clone has the schema of its source. To remove the value from both, write a migration.",
    data: { object: name },
  }));
  const found = [...inRows, ...inSchema];
  if (search.skipped === 0) return found;
  return [
    ...found,
    {
      rule: "search-incomplete",
      level: "info",
      message: `d1ops searched the clone for ${count(search.size, "original value")}, and not for ${search.skipped} more: they need too much memory.`,
    },
  ];
}
