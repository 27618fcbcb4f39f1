/** @module Describes each flaw of an export, and what to do about it. Pure. */
import type { ScanKind } from "./dump-scan.ts";

/**
 * `refused`: Cloudflare does not export the database in its usual format. `changed`: values differ after an import. `renumbered`: rowids
 * do. `unreadable`: running the file fails.
 */
export type FlawEffect = "refused" | "changed" | "renumbered" | "left out" | "unreadable";

export type FlawKind = ScanKind | "virtual table" | "reserved table" | "lost with its table";

export interface Flaw {
  readonly kind: FlawKind;
  readonly effect: FlawEffect;
  readonly table: string;
  /** Null if the flaw does not concern one column. */
  readonly column: string | null;
  /** The number of rows, or of tables or objects. */
  readonly count: number;
  readonly what: string;
  readonly wayOut: string;
}

const BY_HAND = "Read the rows with typeof, CAST AS TEXT and hex, and write the SQL yourself";

const KINDS: Readonly<
  Record<FlawKind, { effect: FlawEffect; what: (detail: string) => string; wayOut: string }>
> = {
  integer: {
    effect: "changed",
    what: () => "integers beyond 2^53 are rounded",
    wayOut: `${BY_HAND}. Or store them as TEXT.`,
  },
  infinity: {
    effect: "unreadable",
    what: () => "Infinity is written as a word that SQL does not know",
    wayOut: "Replace it in the file by 9e999 or -9e999.",
  },
  newline: {
    effect: "changed",
    what: () =>
      String.raw`texts that contain a line break and also the two characters \n (or a carriage return and \r): the two characters become a line break too`,
    wayOut: `${BY_HAND}.`,
  },
  nul: {
    effect: "unreadable",
    what: () => "texts with a NUL character end their statement",
    wayOut: `${BY_HAND}. Write such texts as CAST(X'…' AS TEXT).`,
  },
  "whole real": {
    effect: "changed",
    what: () => "1.0 is written as 1 and comes back as an integer; -0.0 loses its sign",
    wayOut: `Declare the column as REAL. Or: ${BY_HAND}.`,
  },
  order: {
    effect: "unreadable",
    what: (parent) =>
      `rows come before the table ${parent}, which they refer to, or before its rows`,
    wayOut: "Insert PRAGMA foreign_keys=OFF; before the first line: an import obeys it.",
  },
  long: {
    effect: "unreadable",
    what: () => "rows are written as statements of more than 100,000 bytes, which D1 rejects",
    wayOut: "Insert such rows with parameters, or in parts with ||.",
  },
  rowid: {
    effect: "renumbered",
    what: () => "the rowids have gaps, and an export does not write rowids: the rows get new ones",
    wayOut:
      "Do nothing, unless something refers to the rowids, such as an FTS5 table with content=. Else give the table an INTEGER PRIMARY KEY.",
  },
  "virtual table": {
    effect: "refused",
    what: () =>
      "Cloudflare writes a virtual table only in the format of SQLite's command line, which it does not import",
    wayOut:
      "Export in that format. Or name all other tables, with their indexes and triggers. Or drop the virtual table, and create it again afterwards.",
  },
  "reserved table": {
    effect: "left out",
    what: () => "the table is Cloudflare's own, cannot be read, and is not exported",
    wayOut: "Do nothing: the table holds none of your data, and each database has one.",
  },
  "lost with its table": {
    effect: "left out",
    what: (names) =>
      `an export of named tables leaves out every object that is not named: ${names}`,
    wayOut: "Name them too, as if they were tables.",
  },
};

/** `detail`: the parent table of a foreign key, or the names of lost indexes and triggers. */
export function flawOf({
  kind,
  table,
  column = null,
  count = 1,
  detail = "",
}: Pick<Flaw, "kind" | "table"> & Partial<Flaw> & { readonly detail?: string }): Flaw {
  const { effect, what, wayOut } = KINDS[kind];
  return { kind, effect, table, column, count, what: what(detail), wayOut };
}
