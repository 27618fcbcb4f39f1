/**
 * The manifest of a snapshot: what it contains, and where each chunk is. `backups/README.md` of the package describes the format. A store
 * has one object per manifest, and its name is the SHA-256 of its bytes, so the id of a snapshot proves its content.
 * @module
 */
import type { Target } from "../../report/report.ts";

/** The newest format that this version writes and reads. */
export const FORMAT = 1;

export interface Manifest {
  readonly format: typeof FORMAT;
  /** Name and version: `d1ops 0.1.0`. */
  readonly tool: string;
  /** ISO 8601, UTC: when d1ops began to read. */
  readonly takenAt: string;
  /** As the user typed it. */
  readonly label: string | null;
  /** Only in a way back: the id of the snapshot whose restore or clone took this one just before, or `clone` if it was of a database. */
  readonly wayBackFrom?: string;
  /** SHA-256 of the content: schema, tables and files, without names of packs, times and places. Equal contents have equal digests. */
  readonly digest: string;
  /** Null if it has only files. */
  readonly database: SnapshotDatabase | null;
  readonly files: readonly SnapshotFile[];
  /** The patterns that chose the files, as the user typed them. A restore removes files that match them and are not in `files`. */
  readonly globs: readonly string[];
  /** The commit of the project's work tree. Null without git. */
  readonly git: { readonly commit: string; readonly dirty: boolean } | null;
  /** The Worker of the config, and the versions of it that served requests when d1ops began to read. Only for a remote database, if known. */
  readonly worker?: {
    readonly name: string;
    readonly versions: readonly { readonly id: string; readonly percentage: number }[];
  };
  /** The names of the packs. A chunk refers to one by its index in this list. */
  readonly packs: readonly string[];
}

export interface SnapshotDatabase {
  readonly source: Target;
  /** Time Travel's bookmark before the first read. Null for a local database. */
  readonly bookmark: string | null;
  /** False: someone wrote while d1ops read, so the tables may show the database at different moments. */
  readonly consistent: boolean;
  /** Only if d1ops read a copy that Cloudflare's export made: an export can change values. */
  readonly exported?: Exported;
  /** The last migration of the ledger. Null if none is recorded. */
  readonly migration: string | null;
  /** The rows of `sqlite_schema` that have a text, in their order: creating them in this order gives the same schema. */
  readonly schema: readonly SchemaObject[];
  /** The tables that have rows of their own: also shadow tables, `sqlite_sequence` and `sqlite_stat1`, but no virtual tables. */
  readonly tables: readonly SnapshotTable[];
}

/** How a copy that Cloudflare's export made differs from the database. */
export interface Exported {
  readonly changes: readonly ExportChange[];
  /**
   * How d1ops looked for changes. `exact`: in the state that was exported. `approximate`: in the states before and after it, because clients
   * wrote meanwhile. `failed`: it could not look for any.
   */
  readonly search: "exact" | "approximate" | "failed";
}

export interface ExportChange {
  /** `rowids`: the rows have other rowids, and the same values. */
  readonly of: "values" | "rowids";
  readonly table: string;
  /** Null for rowids. */
  readonly column: string | null;
  readonly rows: number;
  readonly what: string;
}

export interface SchemaObject {
  readonly type: "table" | "index" | "view" | "trigger";
  readonly name: string;
  /** The table of an index or a trigger; else the name itself. */
  readonly table: string;
  readonly sql: string;
}

export interface SnapshotTable {
  readonly name: string;
  /** The columns of each row of a chunk, in their order: the rowid if it is not also a column, then all columns but generated ones. */
  readonly columns: readonly string[];
  /** The columns that order the rows, and differ in each row: those of {@link TableChunk.from}. Empty if the table has no such columns. */
  readonly key: readonly string[];
  readonly rows: number;
  /** SHA-256 of the ids of its chunks, one per line. */
  readonly digest: string;
  /** In the order of the key. Together they contain every row once. */
  readonly chunks: readonly TableChunk[];
}

/** A range of rows. Its content is the text of SQL's `VALUES`: `(1,'a'),\n(2,NULL)`. */
export interface TableChunk extends Chunk {
  readonly rows: number;
  /** The key of the first row that the range may contain, as SQL literals: `17`, `'a',2`. Null: the range has no beginning. */
  readonly from: string | null;
}

export interface SnapshotFile {
  /** Relative to the project, with forward slashes. */
  readonly path: string;
  readonly bytes: number;
  /** The permission bits, such as 0o644. */
  readonly mode: number;
  /** SHA-256 of the whole file. */
  readonly sha256: string;
  readonly chunks: readonly Chunk[];
}

export interface Chunk extends StoredChunk {
  /** Null: the frame needs no dictionary. Else the dictionary is the content of this chunk, which itself needs none. */
  readonly base: StoredChunk | null;
}

export interface StoredChunk {
  /** SHA-256 of the content. */
  readonly id: string;
  /** Of the content, before compression. */
  readonly bytes: number;
  /** The index of its pack in {@link Manifest.packs}. */
  readonly pack: number;
  /** The offset of its frame in the pack, in bytes. */
  readonly at: number;
  /** Of the frame. */
  readonly stored: number;
}
