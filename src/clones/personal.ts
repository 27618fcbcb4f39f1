/** @module Finds columns that probably contain personal data or secrets, by their names. A name proves nothing, so this only warns. */
import { sameIdentifier } from "../sql/quote.ts";
import { maskOf } from "./mask-plan.ts";
import type { Masks } from "./masks.ts";
import type { Described } from "../snapshots/rows/read-source.ts";
import { virtualTablesOf } from "../snapshots/rows/virtual-tables.ts";

export interface Unmasked {
  readonly table: string;
  readonly columns: readonly string[];
}

const WORDS: ReadonlySet<string> = new Set(
  (
    "email mail phone mobile tel telephone whatsapp fax name names firstname lastname fullname surname nickname username address street city " +
    "zip zipcode postcode postal birthday birthdate birth dob ssn nir passport iban bic ip latitude longitude lat lng password secret token"
  ).split(" "),
);

/** `email_verified` and `name_id` contain no name and no address. */
const ABOUT: ReadonlySet<string> = new Set("id at count verified enabled hash".split(" "));

/** `userEmail`, `user_email` and `EMAIL` all have the word `email`. */
export function looksPersonal(column: string): boolean {
  const words = column
    .replaceAll(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z]+/);
  return words.some((word) => WORDS.has(word)) && !ABOUT.has(words.at(-1) ?? "");
}

/** The columns that look personal and have no mask, not even `keep`. `ignored`: the ledgers. */
export function unmaskedIn(
  { rows, schema }: Described,
  masks: Masks,
  ignored: readonly string[],
): Unmasked[] {
  const virtual = virtualTablesOf(schema);
  return rows.list
    .filter(({ type }) => type === "table" || type === "virtual")
    .filter(({ name }) => !/^(?:_cf_|d1ops_|sqlite_)/i.test(name) && !ignored.includes(name))
    .filter(({ name }) => virtual.every((one) => one.name !== name || one.rowsOf === "own"))
    .map(({ name: table }): Unmasked => {
      const mask = maskOf(masks, table);
      const isMasked = (column: string): boolean =>
        typeof mask === "string" ||
        (mask !== null && Object.keys(mask).some((one) => sameIdentifier(one, column)));
      const columns = rows.columns
        .filter(({ owner, hidden }) => owner === table && hidden === 0)
        .map((column) => column.name)
        .filter((column) => looksPersonal(column) && !isMasked(column));
      return { table, columns };
    })
    .filter(({ columns }) => columns.length > 0);
}
