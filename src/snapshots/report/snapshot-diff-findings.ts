/** @module The findings of `snapshot diff`: one for each object of the schema, table and file that differs. */
import { printable } from "../../report/printable.ts";
import type { Finding } from "../../report/report.ts";
import { count, grouped } from "../../report/wording.ts";
import type { FileDifference } from "../compare/compare-files.ts";
import type { SchemaDifference } from "../compare/compare-schema.ts";
import type { TableComparison } from "../compare/compare-tables.ts";
import type { RowDifference, ValueDifference } from "../compare/row-tally.ts";
import type { Diff } from "../compare/diff-side.ts";
import { size } from "./snapshot-words.ts";

/** How the report names both sides. */
export interface SideNames {
  readonly left: string;
  readonly right: string;
}

export function schemaFinding(difference: SchemaDifference, { left, right }: SideNames): Finding {
  const { kind, type, name, table } = difference;
  const message = {
    added: `The ${type} ${name} is only in ${right}.`,
    removed: `The ${type} ${name} is only in ${left}.`,
    changed: `The ${type} ${name} has another definition in ${right} than in ${left}.`,
  }[kind];
  return { rule: "schema-differs", level: "error", message, ...(type !== "view" && { table }) };
}

const MARKS = { added: "+", removed: "-", changed: "~" } as const;

/** The first line counts, and each further line is a row. */
export function rowsFinding(table: TableComparison, { left, right }: SideNames): Finding {
  const { name, added, removed, changed, intact, addedColumns, removedColumns, examples } = table;
  const parts = [
    ...(added === 0 ? [] : [`${count(added, "row")} added`]),
    ...(removed === 0 ? [] : [`${count(removed, "row")} removed`]),
    ...(changed === 0 ? [] : [`${count(changed, "row")} changed`]),
    ...(addedColumns.length === 0
      ? []
      : [`${addedColumns.length === 1 ? "column" : "columns"} ${addedColumns.join(", ")} added`]),
    ...(removedColumns.length === 0
      ? []
      : [
          `${removedColumns.length === 1 ? "column" : "columns"} ${removedColumns.join(", ")} removed`,
        ]),
    `${grouped(intact)} intact`,
  ];
  const more = added + removed + changed - examples.length;
  const lines = [
    `From ${left} to ${right}, ${name} has ${parts.join(", ")}.`,
    ...examples.map((one) => rowLine(one, table)),
    ...(more > 0 && examples.length > 0 ? [`… ${grouped(more)} more (use --limit)`] : []),
  ];
  return {
    rule: "rows-differ",
    level: "error",
    message: lines.join("\n"),
    table: name,
    data: { added, removed, changed, intact },
  };
}

function rowLine({ kind, key, values }: RowDifference, table: TableComparison): string {
  const parts = [
    ...key.map((literal, i) => `${table.key[i] ?? ""} ${short(literal)}`),
    ...(values ?? [])
      .filter(({ column }) => !table.key.includes(column))
      .map((one) => valueText(one, kind)),
  ];
  return `${MARKS[kind]} ${parts.join(", ")}`;
}

function valueText({ column, left, right }: ValueDifference, kind: RowDifference["kind"]): string {
  if (kind !== "changed") return `${column} ${short(right ?? left ?? "")}`;
  return `${column} ${short(left ?? "")} → ${short(right ?? "")}`;
}

/** Characters of a value in a line of text. `data` has all of it. */
const LONGEST = 60;

/** On one line. */
function short(literal: string): string {
  return printable(literal.length > LONGEST ? `${literal.slice(0, LONGEST)}…` : literal);
}

export function fileFinding(
  { kind, path, left, right }: FileDifference,
  names: SideNames,
): Finding {
  const sizes = `${size(left?.bytes ?? 0)} in ${names.left}, ${size(right?.bytes ?? 0)} in ${names.right}`;
  const message = {
    created: `${path} is only in ${names.right} (${size(right?.bytes ?? 0)}).`,
    deleted: `${path} is only in ${names.left} (${size(left?.bytes ?? 0)}).`,
    modified: `${path} has another content: ${sizes}.`,
    mode: `${path} has the mode ${octal(left?.mode)} in ${names.left}, and ${octal(right?.mode)} in ${names.right}.`,
  }[kind];
  return { rule: "file-differs", level: "error", message, file: path };
}

function octal(mode = 0): string {
  return mode.toString(8).padStart(4, "0");
}

/** What limits the comparison. */
export function sideFindings({ left, right, comparison, tables }: Diff): Finding[] {
  const only = (part: "database" | "files"): string | null =>
    left[part] === null
      ? right[part] === null
        ? null
        : right.name
      : right[part] === null
        ? left.name
        : null;
  const parts = (
    [
      ["database", "the database"],
      ["files", "files"],
    ] as const
  ).flatMap(([part, words]) => {
    if (part === "files" && tables !== null) return [];
    const name = comparison[part] === null ? only(part) : null;
    return name === null ? [] : [notCompared(name, words)];
  });
  const moving = [left, right].filter(({ consistent }) => !consistent);
  return [...parts, ...moving.map(({ name }) => notConsistent(name))];
}

function notCompared(name: string, words: string): Finding {
  const message = `Only ${name} contains ${words}, so d1ops did not compare ${words}.`;
  return { rule: "not-compared", level: "warning", message };
}

function notConsistent(name: string): Finding {
  const message = `${name} is not consistent: its tables are of different moments, so some differences may come from the time between them.`;
  return { rule: "not-consistent", level: "warning", message };
}
