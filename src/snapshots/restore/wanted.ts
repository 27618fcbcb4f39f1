/** @module What a database of D1 should contain, and what is compared with it. */
import type { D1Database, Database } from "../../database/port.ts";
import type { Codec } from "../store/codec.ts";
import type { SnapshotDatabase } from "../store/manifest.ts";
import type { Side } from "../rows/side.ts";

export type DatabaseContent = Pick<SnapshotDatabase, "schema" | "tables">;

/** What the database should contain. */
export interface Wanted extends Pick<Side, "reader"> {
  /** For messages. */
  readonly what: "snapshot" | "clone";
  readonly database: Pick<SnapshotDatabase, "schema" | "tables" | "source">;
  /** A database with this content, such as one that was rebuilt from a snapshot. It shows the rows of virtual tables. */
  readonly copy: D1Database;
}

export interface PlanRequest {
  readonly d1: D1Database;
  readonly codec: Codec;
  readonly present: DatabaseContent;
  readonly wanted: Wanted;
  /** The names of tables that belong to the place of the database. They stay as they are. */
  readonly keeps: ReadonlySet<string>;
  /** The names of the only tables that are written. Their schema stays as it is, and missing ones are created. Null: the whole database. */
  readonly only: ReadonlySet<string> | null;
  /** The names of indexes that were built from the table which has their rows. They need not be built again. */
  readonly built: Pick<ReadonlyMap<string, unknown>, "has">;
  /** The names of tables that have to be created again, because D1 refused an index for their rows. */
  readonly unfit: ReadonlySet<string>;
  /** Opens an empty in-memory database with D1's rules. */
  readonly openMemory: () => Pick<Database, "d1" | "close">;
}
