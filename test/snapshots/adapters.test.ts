import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { getPlatformProxy } from "wrangler";
import { openLocal } from "../../src/database/local.ts";
import { openMemory } from "../../src/database/memory.ts";
import type { D1Database } from "../../src/database/port.ts";
import { snapshotCodec as codec } from "../../src/files/snapshot-codec.ts";
import type { Manifest } from "../../src/snapshots/store/manifest.ts";
import { verifySnapshot } from "../../src/snapshots/verify/verify.ts";
import { folderForEach, target } from "../database/folder.ts";
import { fakeRemote } from "../database/remote-fixture.ts";
import { storeFolder, take } from "./store-folder.ts";

process.env["CLOUDFLARE_CF_FETCH_ENABLED"] = "false"; // No call to the network.

const folder = folderForEach();

/** Every kind of table and value that D1 accepts. */
const STATEMENTS = [
  "CREATE TABLE users(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE COLLATE NOCASE, n NUMERIC, r REAL, b BLOB, any)",
  "INSERT INTO users VALUES (9223372036854775807, 'a' || char(0) || 'b', 9007199254740993, 1.0, X'00ff', -0.0)",
  "INSERT INTO users VALUES (-9223372036854775808, CAST(X'61ff62' AS TEXT), 0.1, 9e999, zeroblob(3), 0.0 * -1)",
  "INSERT INTO users VALUES (3, char(10) || '\\n''' || char(128512), '12', -9e999, '', 1.0)",
  "CREATE TABLE words(word TEXT, lang TEXT, PRIMARY KEY(word DESC, lang)) WITHOUT ROWID, STRICT",
  "INSERT INTO words VALUES ('être', 'fr'), ('', 'en'), ('être', 'en')",
  "CREATE TABLE derived(a INTEGER, b AS (a + 1), c AS (a * 2) STORED)",
  "INSERT INTO derived(rowid, a) VALUES (7, 1), (12, NULL)",
  "CREATE VIRTUAL TABLE search USING fts5(body)",
  "INSERT INTO search VALUES ('the quick brown fox'), ('jumps')",
  "CREATE VIRTUAL TABLE boxes USING rtree(id, x0, x1)",
  "INSERT INTO boxes VALUES (1, 0.5, 1.5)",
  "CREATE INDEX by_r ON users(r) WHERE r > 0",
  "CREATE VIEW v AS SELECT name FROM users",
  "CREATE TRIGGER log AFTER INSERT ON words BEGIN DELETE FROM derived WHERE a > 100; END",
  "CREATE TABLE many(id INTEGER PRIMARY KEY, v)",
  "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 3000) INSERT INTO many SELECT i, 'row ' || i FROM c",
  "CREATE TABLE large(v)",
  "INSERT INTO large VALUES (zeroblob(1500000)), (replace(hex(zeroblob(600000)), '00', 'é'))",
];

async function filled(d1: D1Database): Promise<D1Database> {
  for (const sql of STATEMENTS) await d1.prepare(sql).run();
  return d1;
}

/** The binding of a real workerd. */
async function binding(): Promise<D1Database> {
  const configPath = join(folder.path, "wrangler.json");
  const database = { binding: "DB", database_name: "example", database_id: "example" };
  const config = { name: "example", compatibility_date: "2026-10-01", d1_databases: [database] };
  writeFileSync(configPath, JSON.stringify(config));
  const { env, dispose } = await getPlatformProxy<{ DB: D1Database }>({
    configPath,
    persist: { path: join(folder.path, "state") },
    envFiles: [],
  });
  onTestFinished(dispose);
  return env.DB;
}

const ADAPTERS: Readonly<Record<string, () => Promise<D1Database>>> = {
  "a local file": async () => {
    const { d1, close } = openLocal(folder.file, target, { mode: "write" });
    onTestFinished(close);
    return d1;
  },
  "Cloudflare's API": async () => (await fakeRemote()).d1,
  "a Worker's binding": binding,
};

describe("a snapshot over", () => {
  test.each(Object.entries(ADAPTERS))(
    "%s has the same content as one of a database in memory",
    async (_, open) => {
      const memory = openMemory();
      onTestFinished(memory.close);
      const { store } = storeFolder();
      const expected = await take(store, { d1: await filled(memory.d1) });
      const { manifest } = await take(store, { d1: await filled(await open()) });
      expect(contentOf(manifest)).toEqual(contentOf(expected.manifest));
      expect(manifest.digest).toBe(expected.manifest.digest);
      expect(await verifySnapshot({ store, codec, manifest })).toEqual([]);
    },
  );
});

function contentOf({ database }: Manifest): unknown {
  return database?.tables.map(({ name, rows, columns, chunks }) => [
    name,
    rows,
    columns,
    chunks.map(({ id }) => id),
  ]);
}
