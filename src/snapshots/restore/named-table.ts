/** @module Finds the table of a snapshot that the user named for a restore of some tables. */
import { nearest } from "../../report/nearest.ts";
import { sameIdentifier } from "../../sql/quote.ts";
import { OpsError } from "../errors.ts";
import { tableIndexesOf, type VirtualTable, virtualTablesOf } from "../rows/virtual-tables.ts";
import type { DatabaseContent } from "./wanted.ts";

export interface NamedTables {
  readonly names: readonly string[];
  readonly snapshot: DatabaseContent;
  /** As many digits of its id as the store needs. */
  readonly short: string;
  /** True for the tables of the migrations and the runs, which belong to the whole database. */
  readonly isOwn: (name: string) => boolean;
}

/** The names as the snapshot spells them. @throws OpsError USAGE */
export function namedTables(request: NamedTables): Set<string> {
  const found = new Set(request.names.map((name) => tableOf(request, name)));
  if (found.size === 0) throw rejected("--tables names no table.", "Name at least one table.");
  for (const { name, source } of tableIndexesOf(request.snapshot.schema)) {
    if (!found.has(name) || isAmong(found, source)) continue;
    const message = `${name} is an index of the rows of ${source}, so it cannot be restored without them.`;
    throw rejected(message, `Name ${source} instead. Its indexes come back with it.`);
  }
  return found;
}

function tableOf({ snapshot, short, isOwn }: NamedTables, name: string): string {
  const reason = ownReason(name, isOwn);
  if (reason !== null) {
    const message = `The table ${name} cannot be restored by its name: ${reason}.`;
    throw rejected(message, `Leave it out. To restore the whole database, leave --tables out.`);
  }
  const virtual = virtualTablesOf(snapshot.schema);
  const found = virtual.find((one) => sameIdentifier(one.name, name));
  if (found !== undefined) return ofVirtual(found);
  const owner = virtual.find(({ shadows }) => shadows.some((one) => sameIdentifier(one, name)));
  if (owner !== undefined) {
    const message = `${name} is an inner table of ${owner.name}, and cannot be restored without it.`;
    throw rejected(message, `Name ${owner.name} instead.`);
  }
  const table = snapshot.tables.find((one) => sameIdentifier(one.name, name));
  if (table !== undefined) return table.name;
  if (snapshot.schema.some((one) => one.type === "view" && sameIdentifier(one.name, name))) {
    throw rejected(
      `${name} is a view, which has no rows.`,
      "Name the tables whose rows it shows, or leave it out.",
    );
  }
  throw missing(snapshot, short, name, isOwn);
}

function ofVirtual({ name, rowsOf, module }: VirtualTable): string {
  if (rowsOf !== "none") return name;
  const message = `${name} has no rows of its own: ${module} shows those of another table.`;
  throw rejected(message, "Name that table, or leave it out.");
}

function ownReason(name: string, isOwn: NamedTables["isOwn"]): string | null {
  if (/^_cf_/i.test(name)) return "it belongs to Cloudflare's platform, and no snapshot has it";
  if (/^sqlite_/i.test(name)) return "SQLite keeps it for all tables together";
  return isOwn(name)
    ? "it records the migrations or the runs of the whole database, whose schema a restore of some tables does not change"
    : null;
}

function missing(
  { schema, tables }: DatabaseContent,
  short: string,
  name: string,
  isOwn: NamedTables["isOwn"],
): OpsError {
  const virtual = virtualTablesOf(schema);
  const shadows = new Set(virtual.flatMap((one) => one.shadows));
  const known = [...tables, ...virtual.filter(({ rowsOf }) => rowsOf !== "none")]
    .map((one) => one.name)
    .filter((one) => !shadows.has(one) && ownReason(one, isOwn) === null);
  const guess = nearest(name, known);
  const hint =
    guess === null ? `Its tables are: ${known.toSorted().join(", ")}.` : `Did you mean ${guess}?`;
  return rejected(`The snapshot ${short} has no table ${name}.`, hint);
}

export function isAmong(names: Iterable<string>, name: string): boolean {
  return [...names].some((one) => sameIdentifier(one, name));
}

function rejected(message: string, hint: string): OpsError<"USAGE"> {
  return new OpsError("USAGE", { argument: "--tables" }, { message, hint });
}
