import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { isDeepStrictEqual } from "node:util";
import { assert, asyncProperty, type Parameters } from "fast-check";
import { openLocal } from "../../../src/database/local.ts";
import { replaceTables } from "../../../src/database/replace-tables.ts";
import { chooseTables, type ChosenTables } from "../../../src/snapshots/restore/choose-tables.ts";
import { OpsError } from "../../../src/snapshots/errors.ts";
import type { Snapshot } from "../../../src/snapshots/store/manifests.ts";
import { virtualTablesOf } from "../../../src/snapshots/rows/virtual-tables.ts";
import { writeDatabase } from "../../../src/snapshots/restore/write-database.ts";
import { target } from "../../database/folder.ts";
import { anyDatabase } from "../../database/round-trip/any-database.ts";
import { type Content, contentOf } from "../../database/round-trip/content-of.ts";
import { memoryStore } from "../../database/round-trip/memory-store.ts";
import { restore, run, takeFrom } from "../../database/round-trip/round-trip.ts";
import { anyNumbers, Tape } from "../../schema/tape.ts";
import { looseTables, UNUSABLE, writing } from "./written-databases.ts";

/** Errors that the random tables cause: D1 cannot write them. */
const REFUSALS =
  /nothing tells its rows apart|without content|foreign key mismatch|no such table|delete or change rows of|definition in the snapshot|is an index of|inner table|constraint failed|has a[n]? \w+ with the name/;

/**
 * Restores some tables of any database, in the local file and in batches of D1. The named tables get the rows of the snapshot, and
 * everything else stays byte for byte, also if d1ops refuses. Returns how often each feature was tried.
 */
export async function writeAnyTables(
  parameters: Parameters<unknown>,
): Promise<Map<string, number>> {
  const tried = new Map<string, number>();
  const add = (feature: string): void => void tried.set(feature, (tried.get(feature) ?? 0) + 1);
  const folder = mkdtempSync(join(tmpdir(), "written-tables-"));
  let count = 0;
  const attempt = async (numbers: Uint16Array): Promise<void> => {
    count += 1;
    const path = (name: string): string => join(folder, `${name}${count}.sqlite`);
    const tape = new Tape(numbers);
    const action = tape.one("ON DELETE CASCADE", "ON UPDATE CASCADE", "ON DELETE SET NULL", "");
    const refers = tape.chance(0.6) ? ` REFERENCES $1 ${action}` : "";
    const valid = (all: readonly string[]): string[] =>
      all.map((sql) => sql.replaceAll(UNUSABLE, refers));
    const any = anyDatabase(tape);
    const family = familyOf(tape);
    const statements = [...valid(any.statements), ...family.statements];
    const changes = [...valid(any.changes), ...family.changes];
    run(path("source"), statements);
    run(path("live"), [...statements, ...changes, ...dropsOf(tape, path("source"))]);
    const story = [...statements, "-- changes", ...changes].join(";\n");
    const store = memoryStore();
    let snapshot: Snapshot;
    let present: Snapshot;
    let chosen: ChosenTables;
    try {
      snapshot = await taken(path("source"), store);
      present = await taken(path("live"), memoryStore());
      await restore(store, snapshot, path("copy"));
      chosen = chosenOf(tape, snapshot, present);
    } catch (error) {
      requireRefusal(error, story);
      add("refused by the choice");
      return;
    }
    copyFileSync(path("live"), path("remote"));
    const [before, wanted] = [contentOf(path("live")), contentOf(path("copy"))];
    const refused = attemptOf(() =>
      replaceTables(path("live"), {
        from: path("copy"),
        created: [...chosen.created],
        ...chosen.content,
      }),
    );
    if (refused !== null) requireRefusal(refused, story);
    add(refused === null ? "local" : "refused locally");
    const after = contentOf(path("live"));
    if (refused === null) requireRestored(after, wanted, chosen.names, story);
    requireKept(before, after, refused === null ? chosen.names : new Set(), story);

    const rebuilt = openLocal(path("copy"), target, { mode: "read" });
    const { d1, close } = openLocal(path("remote"), target, { mode: "write" });
    const request = writing(d1, { store, snapshot, copy: rebuilt.d1 });
    const database = { ...request.wanted.database, ...chosen.content };
    const loose = new Set([...looseTables(snapshot), ...looseTables(present)]);
    let isRestored = false;
    try {
      const part = { ...request, wanted: { ...request.wanted, database }, only: chosen.names };
      const differences = await writeDatabase(part);
      isRestored = differences.length === 0;
      add("remote");
    } catch (error) {
      requireRefusal(error, story);
      add("refused remotely");
    } finally {
      rebuilt.close();
      close();
    }
    const written = contentOf(path("remote"));
    const exact = new Set([...chosen.names].filter((name) => !loose.has(name)));
    if (isRestored) requireRestored(written, wanted, exact, story);
    requireKept(before, written, chosen.names, story);
    for (const feature of new Set(any.features)) add(feature);
    for (const name of ["source", "live", "remote", "copy"]) rmSync(path(name));
  };
  try {
    await assert(asyncProperty(anyNumbers(3000), attempt), { endOnFailure: true, ...parameters });
  } finally {
    rmSync(folder, { recursive: true });
  }
  return tried;
}

/** Tables whose rows refer to one another, with any actions. */
function familyOf(tape: Tape): { statements: readonly string[]; changes: readonly string[] } {
  const action = (): string =>
    tape.one("CASCADE", "SET NULL", "SET DEFAULT", "RESTRICT", "NO ACTION");
  const refers = (to: string): string =>
    `REFERENCES ${to} ON DELETE ${action()} ON UPDATE ${action()}`;
  const key = tape.one("id INTEGER PRIMARY KEY", "id TEXT PRIMARY KEY", "id PRIMARY KEY, x UNIQUE");
  const number = (): number => 1 + (tape.next() % 4);
  const row = (): string => `(${number()}, ${number()}, ${number()})`;
  return {
    statements: [
      `CREATE TABLE parents(${key}, code UNIQUE, n)`,
      `CREATE TABLE children(id INTEGER PRIMARY KEY, parent ${refers("parents")}, code ${refers("parents(code)")})`,
      `CREATE TABLE grandchildren(child INTEGER ${refers("children")})`,
      "INSERT INTO parents(id, code, n) VALUES (1, 1, 1), (2, 2, 2), (3, 3, 3)",
      `INSERT INTO children VALUES (1, ${number()}, ${number()}), (2, ${number()}, NULL)`,
      `INSERT INTO grandchildren VALUES (1), (${number()}), (NULL)`,
    ],
    changes: [
      `DELETE FROM parents WHERE id = ${number()}`,
      `INSERT OR REPLACE INTO parents(id, code, n) VALUES ${row()}`,
      `UPDATE OR REPLACE parents SET code = ${number()} WHERE n = ${number()}`,
      `INSERT OR REPLACE INTO children VALUES ${row()}`,
      `DELETE FROM children WHERE id = ${number()}`,
    ].filter(() => tape.chance(0.5)),
  };
}

async function taken(path: string, store: ReturnType<typeof memoryStore>): Promise<Snapshot> {
  const { d1, close } = openLocal(path, target, { mode: "read" });
  try {
    return await takeFrom(d1, store, null);
  } finally {
    close();
  }
}

/** Indexes, triggers and tables that a later migration dropped. */
function dropsOf(tape: Tape, path: string): string[] {
  using db = new DatabaseSync(path);
  const objects = db
    .prepare(
      "SELECT type, name FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '%\\_%' ESCAPE '\\'",
    )
    .all();
  return objects
    .filter(() => tape.chance(0.15))
    .map(({ type, name }) => `DROP ${String(type)} "${String(name).replaceAll('"', '""')}"`);
}

function chosenOf(tape: Tape, snapshot: Snapshot, present: Snapshot): ChosenTables {
  const { database } = snapshot.manifest;
  if (database === null || present.manifest.database === null) throw new Error("no database");
  const virtual = virtualTablesOf(database.schema);
  const inner = new Set(virtual.flatMap(({ shadows }) => shadows));
  const known = [
    ...database.tables.map(({ name }) => name).filter((name) => !inner.has(name)),
    ...virtual.filter(({ rowsOf }) => rowsOf === "own" || rowsOf === "nowhere").map((v) => v.name),
  ].filter((name) => !name.startsWith("sqlite_"));
  const names = known.filter(() => tape.chance(0.5));
  const request = { snapshot: database, present: present.manifest.database, short: "abc" };
  return chooseTables({
    ...request,
    names: names.length === 0 ? known.slice(0, 1) : names,
    isOwn: () => false,
  });
}

function attemptOf(work: () => void): unknown {
  try {
    work();
    return null;
  } catch (error) {
    return error;
  }
}

function requireRefusal(error: unknown, story: string): void {
  const isExpected =
    error instanceof OpsError && (REFUSALS.test(error.message) || error.code === "USAGE");
  if (!isExpected) throw new Error(story, { cause: error });
}

function requireRestored(
  found: Content,
  wanted: Content,
  names: ReadonlySet<string>,
  story: string,
): void {
  for (const name of names) {
    if (isDeepStrictEqual(found.rows[name], wanted.rows[name])) continue;
    const [a, b] = [found.rows[name], wanted.rows[name]].map((rows) => JSON.stringify(rows));
    throw new Error(`${name} has ${a} instead of ${b} after\n${story}`);
  }
}

/** All other tables, and each object of the schema that existed. */
function requireKept(
  before: Content,
  after: Content,
  names: ReadonlySet<string>,
  story: string,
): void {
  const objects = new Set(after.schema.map((one) => JSON.stringify(one)));
  const lost = before.schema.filter((one) => !objects.has(JSON.stringify(one)));
  if (lost.length > 0) throw new Error(`lost ${JSON.stringify(lost)} after\n${story}`);
  for (const [name, rows] of Object.entries(before.rows)) {
    if (names.has(name) || name === "sqlite_sequence") continue;
    if (isDeepStrictEqual(after.rows[name], rows)) continue;
    throw new Error(
      `${name} has changed from ${JSON.stringify(rows)} to ${JSON.stringify(after.rows[name])} after\n${story}`,
    );
  }
}
