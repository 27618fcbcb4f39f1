/** @module What a clone contains, what it would replace, and how it ended. */
import type { OpsError } from "../report/error.ts";
import type { Finding, Target } from "../report/report.ts";
import type { LeakTally } from "./leak-tally.ts";
import type { SchemaObject, SnapshotTable } from "../snapshots/store/manifest.ts";
import type { ColumnTally } from "./mask-rows.ts";
import type { Unmasked } from "./personal.ts";
import type { WayBack } from "../snapshots/report/replacement-findings.ts";
import type { RemoteEnd } from "../snapshots/restore/remote-end.ts";

export interface Clone {
  /** The places as the user typed them. */
  readonly from: string;
  readonly to: string;
  readonly source: Target;
  /** The database that is replaced. */
  readonly target: Target;
  /** What the clone contains. */
  readonly tables: readonly SnapshotTable[];
  /** By table, the columns that have a mask. Empty without masks. */
  readonly tallies: ReadonlyMap<string, readonly ColumnTally[]>;
  /** Tables that are copied without rows. */
  readonly emptied: readonly string[];
  readonly hasMasks: boolean;
  readonly unmasked: readonly Unmasked[];
  readonly leaks: LeakTally;
  /** Objects of the schema whose text has an original: a default, or the condition of an index. */
  readonly leakyObjects: readonly SchemaObject[];
  /** What the present would lose. */
  readonly losses: readonly Finding[];
  /** The command that runs this clone, with the flags that the user typed. */
  readonly again: string;
}

export type CloneEnd =
  | { readonly kind: "nothing to do" }
  | { readonly kind: "dry run" }
  /** `backup`: the snapshot of the state before. Null if there was nothing to keep, or if the user wanted none. */
  | {
      readonly kind: "cloned";
      readonly backup: WayBack | null;
      /** What stopped the writing of a remote database, after a part of it. Null: the clone is complete. */
      readonly stop: { readonly error: OpsError } | null;
      /** Null for a local database, and if the clone is not complete. */
      readonly remote: RemoteEnd | null;
    };
