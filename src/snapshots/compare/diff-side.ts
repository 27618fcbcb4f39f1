/** @module The sides of `snapshot diff`, and what it has found. */
import type { Target } from "../../report/report.ts";
import type { Comparison } from "./compare-sides.ts";
import type { Side } from "../rows/side.ts";

export interface DiffSide extends Side {
  /** As the report names it: the beginning of an id, or the place of a database as it is typed. */
  readonly name: string;
  /** `remote` also for the database of another environment. */
  readonly place: "snapshot" | "file" | Target["place"];
  /** Null for the present. */
  readonly id: string | null;
  readonly takenAt: string | null;
  /** See {@link SnapshotDatabase.consistent}. */
  readonly consistent: boolean;
}

export interface Diff {
  readonly left: DiffSide;
  readonly right: DiffSide;
  readonly comparison: Comparison;
  /** The tables that the user named, and then no files are compared. Null: everything. */
  readonly tables: readonly string[] | null;
  /** As a message names it. */
  readonly store: string;
  /** The user wanted to see the values of rows. */
  readonly values: boolean;
}
