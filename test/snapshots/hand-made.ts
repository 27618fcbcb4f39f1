/** @module Manifests that are written by hand, for reports. */
import type {
  Chunk,
  Manifest,
  SnapshotFile,
  SnapshotTable,
} from "../../src/snapshots/store/manifest.ts";
import type { Snapshot } from "../../src/snapshots/store/manifests.ts";
import { type Proof, proofOf, type StoredProof } from "../../src/snapshots/verify/proof.ts";
import type { Target } from "../../src/report/report.ts";

export const SHOP: Target = { place: "local", database: "shop-db", id: "shop", env: null };

/** A frame of ten bytes for each content, in one pack. */
export function chunk(id: string): Chunk {
  return { id, bytes: 100, pack: 0, at: id.charCodeAt(0) * 10, stored: 10, base: null };
}

/** A table whose chunks have these ids, with ten rows each. */
export function table(name: string, ...ids: readonly string[]): SnapshotTable {
  return {
    name,
    columns: ["id"],
    key: ["id"],
    rows: ids.length * 10,
    digest: `digest of ${ids.join(" ")}`,
    chunks: ids.map((id) => ({ ...chunk(id), rows: 10, from: null })),
  };
}

export function file(path: string, id: string, mode = 0o644): SnapshotFile {
  return { path, bytes: 100, mode, sha256: `sha256 of ${id}`, chunks: [chunk(id)] };
}

export function proof(snapshot: Snapshot, how: Proof["how"], provenAt: string): StoredProof {
  const object = { name: `${how} ${provenAt}`, bytes: 10, writtenAt: provenAt };
  return { ...proofOf(snapshot, { tool: "d1ops 0.1.0", how, provenAt }), object };
}

export interface HandMade {
  readonly tables?: readonly SnapshotTable[];
  readonly files?: readonly SnapshotFile[];
  readonly manifest?: Partial<Manifest>;
  readonly source?: Target;
}

/** Without `tables`, a snapshot of files only. */
export function handMade(id: string, { tables, files = [], manifest, source }: HandMade): Snapshot {
  return {
    id: id.padEnd(64, "0"),
    isAppended: false,
    manifest: {
      format: 1,
      tool: "d1ops 0.1.0",
      takenAt: "2026-11-28T10:00:12.345Z",
      label: null,
      digest: "digest",
      database:
        tables === undefined
          ? null
          : {
              source: source ?? SHOP,
              bookmark: null,
              consistent: true,
              migration: "0002_orders.sql",
              schema: tables.map(({ name }) => ({
                type: "table",
                name,
                table: name,
                sql: `CREATE TABLE ${name}(id INTEGER PRIMARY KEY)`,
              })),
              tables,
            },
      files,
      globs: [],
      git: null,
      packs: ["pack"],
      ...manifest,
    },
  };
}
