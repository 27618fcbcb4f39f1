import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { D1Database, Database } from "../../src/database/port.ts";
import { openMemory } from "../../src/database/memory.ts";
import { folderStore } from "../../src/files/folder-store.ts";
import { snapshotCodec } from "../../src/files/snapshot-codec.ts";
import type { Target } from "../../src/report/report.ts";
import type { Codec } from "../../src/snapshots/store/codec.ts";
import type { Snapshot } from "../../src/snapshots/store/manifests.ts";
import type { Store } from "../../src/snapshots/store/store.ts";
import { type Taken, takeSnapshot } from "../../src/snapshots/take/take.ts";
import { whole } from "./whole-file.ts";

export interface StoreFolder {
  readonly store: Store;
  /** The objects, as paths inside the store, sorted. */
  objects(): string[];
  read(object: string): Buffer;
  write(object: string, bytes: Uint8Array): void;
  remove(object: string): void;
}

/** A store in a temporary folder, which is removed when the test ends. */
export function storeFolder(): StoreFolder {
  const path = mkdtempSync(join(tmpdir(), "d1ops-store-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return {
    store: folderStore(path),
    objects: () =>
      readdirSync(path, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => join(parentPath, name).slice(path.length + 1))
        .toSorted(),
    read: (object) => readFileSync(join(path, object)),
    write: (object, bytes) => writeFileSync(join(path, object), bytes),
    remove: (object) => rmSync(join(path, object)),
  };
}

/** A database with a table `t(id, v)` of as many rows. */
export async function numbered(rows: number): Promise<D1Database> {
  const { d1, close } = openMemory();
  onTestFinished(close);
  await d1.batch([
    d1.prepare("CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT)"),
    d1.prepare(
      `WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ${rows}) INSERT INTO t SELECT i, 'value '||(i * 2654435761 % 1000003) FROM c`,
    ),
  ]);
  return d1;
}

export interface What {
  readonly d1?: D1Database;
  /** Default: local. */
  readonly place?: Target["place"];
  /** Default: null. */
  readonly bookmark?: Database["bookmark"];
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Default: none. */
  readonly globs?: readonly string[];
  readonly previous?: Snapshot;
  /** Default: that of a store without encryption. */
  readonly codec?: Codec;
  /** Milliseconds. Default: a second after the snapshot before. */
  readonly takenAt?: number;
  /** Milliseconds: when it was ready. Default: at once. */
  readonly now?: number;
}

let seconds = 0;

/** Takes a snapshot. Each is a second later than the one before. */
export async function take(store: Store, what: What): Promise<Taken> {
  seconds += 1;
  const { d1, bookmark = null, files = {}, globs = [], previous, codec = snapshotCodec } = what;
  const takenAt = what.takenAt ?? Date.UTC(2026, 0, 1, 0, 0, seconds);
  const { place = "local" } = what;
  const source = { place, database: "example", id: "example", env: null };
  return takeSnapshot({
    store,
    codec,
    database: d1 === undefined ? null : { d1, source, bookmark, migration: null },
    files: Object.entries(files).map(([path, text]) => {
      const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
      return { path, mode: 0o644, bytes: bytes.length, read: whole(bytes) };
    }),
    globs,
    previous: previous ?? null,
    about: {
      tool: "d1ops 0.0.0",
      takenAt: new Date(takenAt).toISOString(),
      label: null,
      git: null,
    },
    now: () => new Date(what.now ?? takenAt),
  });
}
