import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { assert, asyncProperty, type Parameters } from "fast-check";
import { openLocal } from "../../../src/database/local.ts";
import { openMemory } from "../../../src/database/memory.ts";
import type { D1Database } from "../../../src/database/port.ts";
import { snapshotCodec as codec } from "../../../src/files/snapshot-codec.ts";
import type { Snapshot } from "../../../src/snapshots/store/manifests.ts";
import { chunkReader } from "../../../src/snapshots/rows/read-chunk.ts";
import { snapshotSide } from "../../../src/snapshots/rows/side.ts";
import { isIncomplete } from "../../../src/snapshots/errors.ts";
import type { Store } from "../../../src/snapshots/store/store.ts";
import { virtualTablesOf } from "../../../src/snapshots/rows/virtual-tables.ts";
import { writeDatabase, type WriteRequest } from "../../../src/snapshots/restore/write-database.ts";
import { target } from "../../database/folder.ts";
import { anyDatabase } from "../../database/round-trip/any-database.ts";
import { contentOf } from "../../database/round-trip/content-of.ts";
import { memoryStore } from "../../database/round-trip/memory-store.ts";
import { restore, run, takeFrom } from "../../database/round-trip/round-trip.ts";
import { anyNumbers, Tape } from "../../schema/tape.ts";

/** A request that writes the snapshot, whose rebuilt copy is `copy`. */
export function writing(
  d1: D1Database,
  { store, snapshot, copy }: { store: Store; snapshot: Snapshot; copy: D1Database },
): WriteRequest {
  const { manifest } = snapshot;
  const { database } = manifest;
  if (database === null) throw new Error("the snapshot has no database");
  const { reader } = snapshotSide(manifest, chunkReader(store, codec, manifest));
  return {
    d1,
    codec,
    wanted: { what: "snapshot", database, reader, copy },
    openMemory,
    send: async (_, statements) => void (await d1.batch([...statements])),
    present: null,
    keeps: new Set(),
    only: null,
    onRows: () => {},
  };
}

/** The content without what SQLite may store in several ways: the order of the schema, and the inner tables of indexes. */
export function essenceOf(path: string, loose: ReadonlySet<string>): Essence {
  const { schema, rows: all } = contentOf(path);
  // The rowids of this table have no meaning.
  const { sqlite_sequence: numbers = [], ...rows } = all;
  const kept = Object.entries(rows).filter(
    ([name, one]) => !loose.has(name) && !(name.startsWith("sqlite_") && one.length === 0),
  );
  const objects = schema
    .map((one) => JSON.stringify(one))
    .filter((one) => !/"sqlite_(?:stat1|sequence)"/.test(one));
  return {
    ...Object.fromEntries(kept),
    sqlite_sequence: numbers.map((row) => row.slice(2).join(" ")).toSorted(),
    "the schema": objects.toSorted(),
  };
}

type Essence = Readonly<Record<string, unknown>>;

/** No table has the column x, so D1 would accept no write to these tables. */
export const UNUSABLE = / REFERENCES ("(?:[^"]|"")*")\(x\) ON DELETE CASCADE/g;

/** D1 cannot write an index without content, nor a table whose foreign key names no key. */
const REFUSALS = /wrote nothing: .*(?:without content|foreign key mismatch|no such table)/s;

/** Any database becomes equal to any other one. Returns how often each feature was tried. */
export async function writeAny(parameters: Parameters<unknown>): Promise<Map<string, number>> {
  const tried = new Map<string, number>();
  const folder = mkdtempSync(join(tmpdir(), "written-"));
  const add = (feature: string): void => void tried.set(feature, (tried.get(feature) ?? 0) + 1);
  let count = 0;
  const attempt = async (numbers: Uint16Array): Promise<void> => {
    count += 1;
    const [source, copy, live] = ["source", "copy", "live"].map((name) =>
      join(folder, `${name}${count}.sqlite`),
    ) as [string, string, string];
    const tape = new Tape(numbers);
    const kind = tape.one("changed", "empty", "other");
    const refers = tape.chance(0.3) ? " REFERENCES $1 ON DELETE CASCADE" : "";
    const valid = (all: readonly string[]): string[] =>
      all.map((sql) => sql.replaceAll(UNUSABLE, refers));
    const wanted = anyDatabase(tape);
    const { features } = wanted;
    const statements = valid(wanted.statements);
    const before = {
      changed: [...statements, ...valid(wanted.changes)],
      empty: [],
      other: valid(anyDatabase(tape).statements),
    }[kind];
    const story = ["-- wanted", ...statements, "-- present", ...before].join(";\n");
    run(source, statements);
    run(live, before);
    const store = memoryStore();
    const from = openLocal(source, target, { mode: "read" });
    const snapshot = await takeFrom(from.d1, store, null);
    from.close();
    await restore(store, snapshot, copy);
    const untouched = contentOf(live);
    const rebuilt = openLocal(copy, target, { mode: "read" });
    const { d1, close } = openLocal(live, target, { mode: "write" });
    try {
      const differences = await writeDatabase(writing(d1, { store, snapshot, copy: rebuilt.d1 }));
      // The columns of an index need not exist in its table.
      const left = differences.filter((one) => !one.includes("cannot be built"));
      if (left.length > 0) throw new Error(`${left.join(", ")} after\n${story}`);
    } catch (error) {
      if (!isIncomplete(error) || !REFUSALS.test(error.message)) {
        throw new Error(story, { cause: error });
      }
      if (!isDeepStrictEqual(contentOf(live), untouched))
        throw new Error(`refused after a write\n${story}`, { cause: error });
      add("refused");
      return;
    } finally {
      rebuilt.close();
      close();
    }
    const loose = looseTables(snapshot);
    const different = differencesOf(essenceOf(live, loose), essenceOf(copy, loose));
    if (different.length > 0) throw new Error(`${different.join("\n")}\nafter\n${story}`);
    for (const feature of new Set([...features, kind])) add(feature);
    for (const path of [source, copy, live]) rmSync(path);
  };
  try {
    await assert(asyncProperty(anyNumbers(3000), attempt), { endOnFailure: true, ...parameters });
  } finally {
    rmSync(folder, { recursive: true });
  }
  return tried;
}

function differencesOf(one: Essence, other: Essence): string[] {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names]
    .filter((name) => !isDeepStrictEqual(one[name], other[name]))
    .map(
      (name) => `${name}: ${JSON.stringify(one[name])} instead of ${JSON.stringify(other[name])}`,
    );
}

/** The inner tables of indexes, and all of those that FTS5 builds from another table. */
export function looseTables({ manifest }: Snapshot): Set<string> {
  const virtual = virtualTablesOf(manifest.database?.schema ?? []);
  return new Set(
    virtual.flatMap(({ shadows, rowsOf }) =>
      rowsOf === "nowhere"
        ? []
        : shadows.filter((name) => rowsOf === "other table" || !name.endsWith("_content")),
    ),
  );
}
