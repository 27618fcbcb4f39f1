/** @module The database that a clone replaces: `local-clone.ts` and `remote-clone.ts` open it. */
import type { Manifest } from "../../snapshots/store/manifest.ts";
import type { RestorePlan } from "../../snapshots/restore/restore-plan.ts";
import type { Prepared, RestoreTarget } from "../snapshot/restore-target.ts";

export interface CloneTarget extends Prepared, Pick<RestoreTarget, "watch" | "busy" | "explain"> {
  /** What would change. @throws those of the database */
  readonly plan: (now: Manifest) => Promise<RestorePlan>;
  /** Before the file of the clone is removed. */
  readonly close: () => void;
}
