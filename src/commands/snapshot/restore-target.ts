/** @module The database that a restore writes to: `local-target.ts` and `remote-target.ts` open it. */
import type { Watch } from "../../database/watch-file.ts";
import type { OpsError } from "../../report/error.ts";
import type { Target } from "../../report/report.ts";
import type { Catalog } from "../../snapshots/store/catalog.ts";
import type { Manifest } from "../../snapshots/store/manifest.ts";
import type { Snapshot } from "../../snapshots/store/manifests.ts";
import type { Chosen } from "./choose.ts";
import type { RestorePlan } from "../../snapshots/restore/restore-plan.ts";
import type { RemoteEnd } from "../../snapshots/restore/remote-end.ts";
import type { Store } from "../../snapshots/store/store.ts";
import type { LostRuns } from "./lost-runs.ts";
import type { FileChanges, Reading } from "./file-sources.ts";

type Content = Pick<Manifest, "database" | "files">;

export interface RestoreTarget {
  readonly target: Target;
  /** Keeps the present that is planned with, so that it can be read again. Null: it is not kept. */
  readonly presentStore: Store | null;
  /** Plans what would change. `now` is the present. `then` is the content of `snapshot` that is wanted. */
  readonly plan: (now: Manifest, then: Content, chosen: Chosen) => Promise<RestorePlan>;
  /** The runs that an earlier restore of this snapshot took away. Null: none. */
  readonly lostRuns: (chosen: Chosen, catalog: Catalog) => Promise<LostRuns | null>;
  /** Writes these runs again. It can be repeated. */
  readonly putBackRuns: (lost: LostRuns) => Promise<void>;
  /** The error of a failed reading of the present, with what to do. */
  readonly explain: (error: unknown) => unknown;
  /** Notices writes of others from now on. Null if `Prepared.apply` notices them by the way back. */
  readonly watch: () => Watch | null;
  /** Others have written after each way back. */
  readonly busy: (waitedMs: number) => OpsError;
  /** @throws OpsError SNAPSHOT_DAMAGED, SNAPSHOT_INCOMPLETE, FILE_UNWRITABLE, INTERRUPTED: then nothing was changed */
  readonly prepare: (reading: Reading, changes: Changes) => Promise<Prepared>;
  /** Removes temporary files. */
  readonly close: () => void;
}

/** What is to be changed. */
export interface Changes extends FileChanges {
  /** Null if the database stays as it is. */
  readonly snapshot: Snapshot | null;
}

/** Why a restore ended after a part of its changes. */
export interface Stop {
  readonly error: OpsError;
  /** The paths of the files that were written or removed before. */
  readonly files: ReadonlySet<string>;
  readonly database: "restored" | "in part";
}

export interface Applied {
  /** What stopped it after its first change. Null: all is restored. */
  readonly stop: Stop | null;
  /** How a remote database was restored. Null: it was not, or not yet. */
  readonly remote: RemoteEnd | null;
  /** Time Travel's, of a remote database before the first write. Null for a local one, and if Time Travel was not asked. */
  readonly bookmark: string | null;
}

/** All that a restore needs, read and proven. */
export interface Prepared {
  /**
   * Restores the database, then each file. `requireUnchanged` is called just before. `backup`: the way back, which must be of the present.
   * @throws OpsError, what `requireUnchanged` throws, and WrittenMeanwhile, if it has changed nothing
   */
  readonly apply: (
    requireUnchanged: (() => void) | undefined,
    backup: Snapshot | null,
  ) => Promise<Applied>;
}
