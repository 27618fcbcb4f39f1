/**
 * What each flaw of an export means, and the way out. Pure.
 * @module
 */
import type { Counted } from "./dump-scan.ts";

/** `refused`: there is no export at all. `changed`: it comes back as something else. `unreadable`: the file fails when it is run. */
export type FlawEffect = "refused" | "changed" | "left out" | "unreadable";

export type FlawKind = Counted["kind"] | "virtual table" | "reserved table" | "lost with its table";

export interface Flaw {
  readonly kind: FlawKind;
  readonly effect: FlawEffect;
  readonly table: string;
  /** Null where it is not about one. */
  readonly column: string | null;
  /** Rows; tables or objects where it is about those. */
  readonly count: number;
  readonly what: string;
  readonly wayOut: string;
}

const SNAPSHOT = "Read the rows as they are (typeof, CAST AS TEXT, hex) and write the SQL yourself";

const ROWS: Readonly<
  Record<Counted["kind"], { effect: FlawEffect; what: (parent: string) => string; wayOut: string }>
> = {
  integer: {
    effect: "changed",
    what: () => "integers beyond 2^53 are rounded",
    wayOut: `${SNAPSHOT}; or store them as TEXT.`,
  },
  infinity: {
    effect: "unreadable",
    what: () => "Infinity is written as a word that SQL does not know",
    wayOut: "Write 9e999 or -9e999 in its place in the file.",
  },
  newline: {
    effect: "changed",
    what: () =>
      String.raw`texts that have a line break and the two characters \n as well (or a carriage return and \r): those become line breaks too`,
    wayOut: `${SNAPSHOT}.`,
  },
  nul: {
    effect: "unreadable",
    what: () => "texts with a NUL character end the statement that they are in",
    wayOut: `${SNAPSHOT}, such texts as CAST(X'…' AS TEXT).`,
  },
  "whole real": {
    effect: "changed",
    what: () => "1.0 is written as 1 and comes back as an integer; -0.0 loses its sign",
    wayOut: `Declare the column as REAL, or: ${SNAPSHOT}.`,
  },
  order: {
    effect: "unreadable",
    what: (parent) =>
      `rows come before the table ${parent}, which they refer to, or before its rows`,
    wayOut: "Put PRAGMA foreign_keys=OFF; before the first line: an import obeys it.",
  },
  long: {
    effect: "unreadable",
    what: () => "rows are written as statements of more than 100,000 bytes, which D1 does not run",
    wayOut: "Insert such rows with parameters, or in pieces with ||.",
  },
};

export function flawOfRows({ table, kind, column, parent, count }: Counted): Flaw {
  const { effect, what, wayOut } = ROWS[kind];
  return { kind, effect, table, column, count, what: what(parent ?? ""), wayOut };
}

export function virtualTable(table: string): Flaw {
  return {
    kind: "virtual table",
    effect: "refused",
    table,
    column: null,
    count: 1,
    what: "a database with a virtual table is not exported",
    wayOut:
      "Name all other tables, with their indexes and triggers; or drop it and build it again afterwards.",
  };
}

export function reservedTable(table: string): Flaw {
  return {
    kind: "reserved table",
    effect: "left out",
    table,
    column: null,
    count: 1,
    what: "it is Cloudflare's own, cannot be read, and is not exported",
    wayOut: "Nothing has to be done: it is not yours, and each database has one.",
  };
}

/** `names` are those of the indexes and triggers. */
export function lostWithTable(table: string, names: readonly string[]): Flaw {
  return {
    kind: "lost with its table",
    effect: "left out",
    table,
    column: null,
    count: names.length,
    what: `an export of single tables leaves out what it does not name: ${names.join(", ")}`,
    wayOut: "Name them too, as if they were tables.",
  };
}
