/** @module Finds the rows that are larger than D1 allows. SQLite allows more, and so does `wrangler dev`. */
import { quoteIdentifier } from "../../sql/quote.ts";
import type { Target } from "../../report/report.ts";
import { grouped } from "../../report/wording.ts";
import type { Refusal } from "./refusal.ts";
import { balanced, listText } from "../rows/row-text.ts";
import { LONGEST_KEY, type TableShape } from "../rows/table-shape.ts";
import type { Wanted } from "./wanted.ts";

/** Of the texts and blobs of a row. D1 documents 2 MB for a text, a blob and a row. */
const LARGEST = 2_000_000;

/** Rows per table that a message can use. */
const ROWS = 10;

/** Only D1 itself knows its limit to the byte, so rows that are from there are within it. */
const IS_WITHIN: Readonly<Record<Target["place"], boolean>> = { local: false, remote: true };

/** At most ten per table. Reads all rows of these tables. */
export async function findLargeRows(
  { copy, database: { source } }: Wanted,
  shapes: readonly TableShape[],
): Promise<Refusal[]> {
  if (IS_WITHIN[source.place]) return [];
  const found: Refusal[] = [];
  for (const { name, columns, key } of shapes) {
    const literals = key.length === 0 ? "NULL" : listText(key);
    const { results } = await copy
      .prepare(
        `SELECT CASE WHEN length(k)<=${LONGEST_KEY} THEN k END AS k, bytes FROM (SELECT ${literals} AS k, ${bytesOf(columns)} AS bytes FROM ${quoteIdentifier(name)}) WHERE bytes>${LARGEST} LIMIT ${ROWS}`,
      )
      .all<{ k: string | null; bytes: number }>();
    found.push(
      ...results.map(({ k, bytes }): Refusal => ({
        kind: "row",
        table: name,
        what: `${k === null ? "a row" : `the row with ${key.join(", ")} ${k}`} of ${name}`,
        reason: `its values have ${grouped(bytes)} bytes, and D1 allows ${grouped(LARGEST)}`,
      })),
    );
  }
  return found;
}

/** Of texts and blobs. They are greater than all other values. */
function bytesOf(columns: readonly string[]): string {
  const bytes = columns
    .map(quoteIdentifier)
    .map((name) => `CASE WHEN ${name}>='' THEN octet_length(${name}) ELSE 0 END`);
  return balanced(bytes, "+");
}
