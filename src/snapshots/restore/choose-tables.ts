/** @module What a restore of some tables writes: the named ones, what goes with them, and whether they fit the present database. */
import { command, offer, valueFlag } from "../../report/command.ts";
import { sameIdentifier, unquoteIdentifier, upperCase } from "../../sql/quote.ts";
import { isSignificant, textOf, tokens } from "../../sql/tokens.ts";
import { sameText } from "../compare/compare-schema.ts";
import { OpsError } from "../errors.ts";
import type { SchemaObject, SnapshotDatabase } from "../store/manifest.ts";
import { isAmong, type NamedTables, namedTables } from "./named-table.ts";
import { tableIndexesOf, virtualTablesOf } from "../rows/virtual-tables.ts";
import type { DatabaseContent } from "./wanted.ts";

export interface TablesRequest extends NamedTables {
  readonly present: DatabaseContent;
}

export interface ChosenTables {
  /** All tables that are written: the named ones, their FTS5 indexes, and the shadow tables of virtual ones. */
  readonly names: ReadonlySet<string>;
  /** Those of them that the present lacks. Their indexes and triggers come back with them. */
  readonly created: ReadonlySet<string>;
  /** Their definitions and the rows of the snapshot. A table that exists has no other object here: its indexes and triggers stay. */
  readonly content: DatabaseContent;
}

/**
 * The schema stays that of the present, because the ledger of the migrations does. So a table fits only if its definition is the same.
 * @throws OpsError USAGE if a name is no table of the snapshot, SNAPSHOT_INCOMPLETE if a table does not fit
 */
export function chooseTables(request: TablesRequest): ChosenTables {
  const { snapshot, present } = request;
  const named = namedTables(request);
  const texts = tableTexts(present.schema);
  const wanted = tableTexts(snapshot.schema);
  const indexed = [...named].flatMap((name) => indexesOf(request, name, texts));
  const whole = new Set([...named, ...indexed]);
  const inner = virtualTablesOf(snapshot.schema)
    .filter(({ name }) => whole.has(name))
    .flatMap(({ shadows }) => shadows.filter((one) => wanted.has(upperCase(one))));
  const names = new Set([...whole, ...inner]);
  const created = new Set([...names].filter((name) => !texts.has(upperCase(name))));
  for (const name of names) requireFitting(request, name, texts, wanted);
  requireNoViewIndex(request, named);
  const schema = snapshot.schema.flatMap((one): readonly SchemaObject[] => {
    if (isAmong(created, one.table)) return [one];
    const now = one.type === "table" && names.has(one.name) ? texts.get(upperCase(one.name)) : null;
    return now == null ? [] : [now];
  });
  requireFreeNames(
    request,
    schema.filter(({ table }) => isAmong(created, table)),
  );
  return {
    names,
    created,
    content: { schema, tables: snapshot.tables.filter(({ name }) => names.has(name)) },
  };
}

/** The present after the restore, for a comparison. */
export function withTables(
  now: SnapshotDatabase,
  { created, content }: ChosenTables,
): SnapshotDatabase {
  const restored = new Map(content.tables.map((table) => [table.name, table]));
  return {
    ...now,
    schema: [...now.schema, ...content.schema.filter(({ table }) => isAmong(created, table))],
    tables: [
      ...now.tables.map((table) => restored.get(table.name) ?? table),
      ...content.tables.filter(({ name }) => created.has(name)),
    ],
  };
}

type Texts = ReadonlyMap<string, SchemaObject>;

/** By their names in upper case. */
function tableTexts(schema: readonly SchemaObject[]): Texts {
  const tables = schema.filter(({ type }) => type === "table");
  return new Map(tables.map((one) => [upperCase(one.name), one]));
}

/** The FTS5 tables with `content=NAME`: an index that does not fit its table finds wrong rows. */
function indexesOf({ snapshot, present }: TablesRequest, name: string, now: Texts): string[] {
  const indexes = [
    ...tableIndexesOf(present.schema),
    ...(now.has(upperCase(name)) ? [] : tableIndexesOf(snapshot.schema)),
  ];
  return indexes.filter(({ source }) => sameIdentifier(source, name)).map((one) => one.name);
}

function requireFitting(request: TablesRequest, name: string, now: Texts, then: Texts): void {
  const present = now.get(upperCase(name));
  const wanted = then.get(upperCase(name));
  if (wanted === undefined) {
    throw unfit(
      request,
      name,
      `it is an index of the chosen rows, and the snapshot does not have it`,
    );
  }
  if (present === undefined || (present.name === wanted.name && sameText(present.sql, wanted.sql)))
    return;
  throw unfit(request, name, "its definition in the snapshot is another one");
}

/** Which rows a view shows, only its text says. */
function requireNoViewIndex(request: TablesRequest, named: ReadonlySet<string>): void {
  const { schema } = request.present;
  const views = new Map(
    schema.filter(({ type }) => type === "view").map((one) => [upperCase(one.name), one.sql]),
  );
  const shows = (name: string, seen: ReadonlySet<string>): boolean => {
    if (isAmong(named, name)) return true;
    const sql = views.get(name);
    if (sql === undefined || seen.has(name)) return false;
    const words = new Set(namesIn(sql));
    return [...words].some((word) => shows(word, new Set([...seen, name])));
  };
  for (const { name, source } of tableIndexesOf(schema)) {
    const view = upperCase(source);
    if (!views.has(view) || !shows(view, new Set())) continue;
    throw unfit(
      request,
      name,
      `it is an index of the view ${source}, which shows rows of a chosen table`,
    );
  }
}

function namesIn(sql: string): string[] {
  return Array.from(tokens(sql))
    .filter(isSignificant)
    .map((token) => upperCase(unquoteIdentifier(textOf(sql, token))));
}

/** Triggers have names of their own. Tables, views and indexes share theirs. */
function requireFreeNames(request: TablesRequest, objects: readonly SchemaObject[]): void {
  const isTrigger = ({ type }: SchemaObject): boolean => type === "trigger";
  for (const one of objects) {
    const taken = request.present.schema.find(
      (other) => sameIdentifier(other.name, one.name) && isTrigger(other) === isTrigger(one),
    );
    if (taken === undefined) continue;
    const reason = `the present database has ${taken.type === "index" ? "an" : "a"} ${taken.type} with the name of its ${one.type} ${one.name}`;
    throw unfit(request, one.table, reason);
  }
}

/** A file accepts what the present database does not. */
export function intoFile(short: string, names: readonly string[]): string {
  const flags = names.flatMap((name) => valueFlag("--tables", name));
  return offer(
    "To get the rows of the snapshot into a file of their own",
    command("snapshot restore", short, "--to", "file:restored.sqlite", ...flags),
  );
}

function unfit({ short, names }: TablesRequest, table: string, reason: string): OpsError {
  const text = {
    message: `The table ${table} cannot be restored beside the present tables: ${reason}. Nothing was changed.`,
    hint: intoFile(short, names),
  };
  return new OpsError("SNAPSHOT_INCOMPLETE", { table, reason }, text);
}
