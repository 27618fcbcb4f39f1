/** @module Reads what is cloned, and masks it while it is read: nothing unmasked is written to the disk. */
import { join } from "node:path";
import { type Copy, emptyCopy } from "../../database/temporary-copy.ts";
import { openFrozen } from "../../database/frozen.ts";
import { rebuild } from "../../database/rebuild.ts";
import { folderStore } from "../../files/folder-store.ts";
import { snapshotCodec } from "../../files/snapshot-codec.ts";
import { type PlaceOf, placeText } from "../../options/place.ts";
import { sameCommand } from "../../project/command-line.ts";
import { interruptibleStore } from "../../project/interruptible.ts";
import type { Project } from "../../project/project.ts";
import type { Target } from "../../report/report.ts";
import { chooseSnapshot } from "../../snapshots/store/catalog.ts";
import { chunkText } from "../../snapshots/rows/chunk-text.ts";
import { requireConsistent } from "../../snapshots/verify/contradictions.ts";
import { OpsError } from "../../snapshots/errors.ts";
import type {
  SnapshotDatabase,
  SnapshotTable,
  TableChunk,
} from "../../snapshots/store/manifest.ts";
import type { RowMasker } from "../../clones/mask-rows.ts";
import { chunkReader } from "../../snapshots/rows/read-chunk.ts";
import { describe, type Described } from "../../snapshots/rows/read-source.ts";
import { readContent } from "../../snapshots/take/take.ts";
import { virtualTablesOf } from "../../snapshots/rows/virtual-tables.ts";
import { namedIn, shortIdsOf } from "../snapshot/choose.ts";
import { progressOf, requireDatabase, sourceOf } from "../snapshot/sources.ts";
import type { OpenCatalog } from "./open-catalog.ts";
import type { CloneOptions } from "./options.ts";

/** Masked. */
export interface CloneContent {
  readonly database: SnapshotDatabase;
  readonly read: (chunk: TableChunk) => Promise<string>;
}

/** What is cloned, before it is read. */
export interface CloneSource {
  readonly described: Described;
  readonly target: Target;
  /** See {@link Manifest.wayBackFrom}. */
  readonly wayBackFrom: string;
  /** Reads it into the temporary folder of the copy. @throws OpsError SNAPSHOT_INCOMPLETE, and those of the database and the store */
  readonly read: (masker: RowMasker, copy: Copy) => Promise<CloneContent>;
}

/** `project` is at the database. */
export async function databaseSource(project: Project<CloneOptions>): Promise<CloneSource> {
  requireDatabase(project);
  const source = await sourceOf(project);
  return {
    described: await describe(source.d1),
    target: source.source,
    wayBackFrom: "clone",
    async read(masker, copy) {
      const folder = folderStore(join(copy.path, "..", "chunks"));
      const store = interruptibleStore(folder, project);
      const { manifest } = await readContent({
        store,
        codec: snapshotCodec,
        database: { ...source, rewrite: ({ name, columns }) => masker.of(name, columns) },
        files: [],
        previous: null,
        about: { tool: "", takenAt: "", label: null, git: null },
        onProgress: progressOf(project.options, source),
      });
      source.close();
      const { database } = manifest;
      if (database === null || !database.consistent) throw inconsistent(source.source);
      return { database, read: chunkText(chunkReader(store, snapshotCodec, manifest)) };
    },
  };
}

/** @throws OpsError SNAPSHOT_UNKNOWN, SNAPSHOT_DAMAGED, USAGE if it has no database */
export async function snapshotSource(
  project: Project<CloneOptions>,
  { id }: PlaceOf<"snapshot">,
  { opened, catalog }: OpenCatalog,
): Promise<CloneSource> {
  const { verb, options } = project;
  const retype = (other: string): string => {
    const renamed = { ...options, from: placeText({ kind: "snapshot", id: other }) };
    return sameCommand({ verb, options: renamed });
  };
  const snapshot = chooseSnapshot(catalog, { id, ...namedIn(project), retype });
  const { manifest } = snapshot;
  const { database } = manifest;
  requireConsistent({ ...opened, manifest });
  if (database === null) {
    const message = `The snapshot ${shortIdsOf(catalog)(snapshot.id)} has no database, so there is nothing to clone.`;
    const hint = "Name another snapshot.";
    throw new OpsError("USAGE", { argument: "FROM" }, { message, hint });
  }
  const read = chunkText(chunkReader(opened.store, opened.codec, manifest));
  return {
    described: await describeSnapshot(database, read),
    target: database.source,
    wayBackFrom: snapshot.id,
    read: async (masker) => maskedSnapshot(database, read, masker),
  };
}

/** SQLite describes the schema: it is created without rows. Only FTS5 needs those of its settings. */
async function describeSnapshot(
  database: SnapshotDatabase,
  read: (chunk: TableChunk) => Promise<string>,
): Promise<Described> {
  const { schema } = database;
  const settings = new Set(virtualTablesOf(schema).map(({ name }) => `${name}_config`));
  const tables = database.tables.map((table) =>
    settings.has(table.name) ? table : { ...table, rows: 0, chunks: [] },
  );
  const copy = emptyCopy();
  try {
    await rebuild({ schema, tables }, read, copy.path);
    const empty = openFrozen(copy.path, database.source);
    try {
      return await describe(empty.d1);
    } finally {
      empty.close();
    }
  } finally {
    copy.remove();
  }
}

function maskedSnapshot(
  database: SnapshotDatabase,
  read: (chunk: TableChunk) => Promise<string>,
  masker: RowMasker,
): CloneContent {
  const masks = new Map<TableChunk, (text: string) => string>();
  const tables = database.tables.map((table): SnapshotTable => {
    const mask = masker.of(table.name, table.columns);
    if (mask === null) return { ...table, rows: 0, chunks: [] };
    for (const chunk of table.chunks) masks.set(chunk, mask);
    return table;
  });
  return {
    database: { ...database, tables },
    read: async (chunk) => (masks.get(chunk) ?? String)(await read(chunk)),
  };
}

function inconsistent({ database }: Target): OpsError<"SNAPSHOT_INCOMPLETE"> {
  const reason = `${database} changed each time that d1ops read it`;
  const message = `Nothing was cloned: ${reason}, so its tables would be of different moments.`;
  const hint = "Run the same command again when fewer clients write.";
  return new OpsError("SNAPSHOT_INCOMPLETE", { table: null, reason }, { message, hint });
}
