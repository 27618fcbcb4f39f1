/** @module Stops a comparison of tables that do not exist. */
import { nearest } from "../../report/nearest.ts";
import { sameIdentifier } from "../../sql/quote.ts";
import type { Sides } from "../compare/compare-tables.ts";
import { OpsError } from "../errors.ts";

/** @throws OpsError USAGE if neither side has one of the tables, or a view or virtual table with its name */
export function requireTables({ left, right }: Sides, wanted: readonly string[]): void {
  const known = [left, right].flatMap(({ database }) => [
    ...(database?.tables ?? []).map(({ name }) => name),
    ...(database?.schema ?? []).flatMap(({ type, name }) =>
      type === "table" || type === "view" ? [name] : [],
    ),
  ]);
  const missing = wanted.find((name) => !known.some((one) => sameIdentifier(one, name)));
  if (missing === undefined) return;
  const guess = nearest(missing, known);
  const message = `Neither side has a table ${missing}.`;
  const names = [...new Set(known)].toSorted().join(", ");
  const hint = guess === null ? `The tables are: ${names}.` : `Did you mean ${guess}?`;
  throw new OpsError("USAGE", { argument: "--tables" }, { message, hint });
}
