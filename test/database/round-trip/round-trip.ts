import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { isDeepStrictEqual } from "node:util";
import { assert, asyncProperty, type Parameters } from "fast-check";
import { expect } from "vitest";
import { openLocal } from "../../../src/database/local.ts";
import type { D1Database } from "../../../src/database/port.ts";
import { rebuild } from "../../../src/database/rebuild.ts";
import { isSqliteError } from "../../../src/database/sqlite-error.ts";
import { snapshotCodec } from "../../../src/files/snapshot-codec.ts";
import type { Snapshot } from "../../../src/snapshots/store/manifests.ts";
import { chunkReader } from "../../../src/snapshots/rows/read-chunk.ts";
import type { Store } from "../../../src/snapshots/store/store.ts";
import { takeSnapshot } from "../../../src/snapshots/take/take.ts";
import { anyNumbers, Tape } from "../../schema/tape.ts";
import { target } from "../folder.ts";
import { anyDatabase } from "./any-database.ts";
import { type Content, contentOf } from "./content-of.ts";
import { memoryStore } from "./memory-store.ts";

/**
 * Any database, after a first snapshot and some changes: a second snapshot, rebuilt, has the same content. Returns how often each feature
 * of a database was tried.
 */
export async function roundTrip(parameters: Parameters<unknown>): Promise<Map<string, number>> {
  const tried = new Map<string, number>();
  const folder = mkdtempSync(join(tmpdir(), "round-trip-"));
  let count = 0;
  const add = (feature: string): void => void tried.set(feature, (tried.get(feature) ?? 0) + 1);
  const attempt = async (numbers: Uint16Array): Promise<void> => {
    const { statements, changes, features } = anyDatabase(new Tape(numbers));
    count += 1;
    const source = join(folder, `source${count}.sqlite`);
    const copy = join(folder, `copy${count}.sqlite`);
    const story = [...statements, "-- changes", ...changes].join(";\n");
    const store = memoryStore();
    run(source, statements);
    const first = await take(store, source, null);
    run(source, changes);
    const second = await take(store, source, first);
    await restore(store, second, copy);
    const content = contentOf(source);
    const restored = contentOf(copy);
    // The comparison of vitest is slow, and explains a difference.
    if (!isDeepStrictEqual(restored, content)) expect(restored, story).toEqual(content);
    for (const feature of new Set([...features, ...chunksOf(second), ...valuesOf(content)]))
      add(feature);
    const third = await take(store, copy, second);
    expect(third.manifest.digest, story).toBe(second.manifest.digest);
    for (const path of [source, copy]) rmSync(path);
  };
  const property = asyncProperty(anyNumbers(3000), async (numbers) => {
    try {
      await attempt(numbers);
    } catch (error) {
      // A table that nothing can divide is refused if it is too large to be read at once.
      if (!(error instanceof Error) || !/nothing tells its rows apart/.test(error.message))
        throw error;
      add("refused");
    }
  });
  try {
    await assert(property, parameters);
  } finally {
    rmSync(folder, { recursive: true });
  }
  return tried;
}

function chunksOf({ manifest }: Snapshot): string[] {
  const chunks = manifest.database?.tables.map((table) => table.chunks) ?? [];
  return [
    ...(chunks.some(({ length }) => length > 1) ? ["several chunks"] : []),
    ...(chunks.flat().some(({ base }) => base !== null) ? ["delta"] : []),
  ];
}

/** The types of the values, and that there were two rows of a table. */
function valuesOf({ rows, problems }: Content): string[] {
  const tables = Object.entries(rows).filter(([name]) => !/sqlite_|fts|places/.test(name));
  const all = new Set(tables.flatMap(([, table]) => table.flat()));
  const types = ["null", "integer", "real", "text", "blob"].filter((type) => all.has(type));
  return [
    ...types,
    ...(tables.some(([, { length }]) => length > 1) ? ["rows"] : []),
    ...(problems[0] === "ok" ? [] : ["problems"]),
  ];
}

/** Runs what SQLite accepts of these statements. */
export function run(path: string, statements: readonly string[]): void {
  using db = new DatabaseSync(path, {
    enableForeignKeyConstraints: false,
    enableDoubleQuotedStringLiterals: true,
  });
  db.exec(
    "PRAGMA synchronous = OFF; PRAGMA journal_mode = WAL; PRAGMA ignore_check_constraints = ON",
  );
  for (const statement of statements) {
    try {
      db.exec(statement);
    } catch (error) {
      if (!isSqliteError(error)) throw error;
    }
  }
}

async function take(store: Store, path: string, previous: Snapshot | null): Promise<Snapshot> {
  const { d1, close } = openLocal(path, target, { mode: "read" });
  try {
    return await takeFrom(d1, store, previous);
  } finally {
    close();
  }
}

export async function takeFrom(
  d1: D1Database,
  store: Store,
  previous: Snapshot | null,
): Promise<Snapshot> {
  const now = new Date();
  return takeSnapshot({
    store,
    codec: snapshotCodec,
    database: { d1, source: target, bookmark: null, migration: null },
    files: [],
    previous,
    about: { tool: "d1ops", takenAt: now.toISOString(), label: null, git: null },
    now: () => now,
  });
}

export async function restore(store: Store, { manifest }: Snapshot, path: string): Promise<void> {
  const { database } = manifest;
  if (database === null) throw new Error("the snapshot has no database");
  const read = chunkReader(store, snapshotCodec, manifest);
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  await rebuild(database, async (chunk) => decoder.decode(await read(chunk)), path);
}
