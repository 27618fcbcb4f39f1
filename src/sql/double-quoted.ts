/** @module Names in double quotes. If no column has such a name, SQLite reads it as a string. */
import { leadingWords } from "./classify.ts";
import { unquoteIdentifier } from "./quote.ts";
import { tokens } from "./tokens.ts";

export interface DoubleQuoted {
  /** Without its quotes. */
  readonly name: string;
  /** In UTF-16 units of the statement, quotes included. */
  readonly start: number;
  readonly end: number;
}

export function doubleQuoted(statement: string): DoubleQuoted[] {
  if (!statement.includes('"')) return [];
  return [...tokens(statement)]
    .filter(({ kind, start }) => kind === "quoted" && statement.charAt(start) === '"')
    .map(({ start, end }) => ({
      name: unquoteIdentifier(statement.slice(start, end)),
      start,
      end,
    }));
}

const ABOUT_ROWS: ReadonlySet<string> = new Set(
  "SELECT VALUES INSERT REPLACE UPDATE DELETE WITH EXPLAIN".split(" "),
);

/** Returns true if a statement can change the schema or the meaning of later statements. */
export function isAboutSchema(statement: string): boolean {
  return !ABOUT_ROWS.has(leadingWords(statement, 1)[0] ?? "");
}
