/**
 * The last proven snapshot of each database, for `status` and `doctor`. They run often, so a project without snapshots costs them one look at
 * the disk, and loads no code of snapshots.
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSettings } from "../config/wrangler-settings.ts";
import type { AnyProject } from "../project/project.ts";
import { DEFAULT_STORE } from "../project/default-store.ts";
import type * as Words from "../snapshots/report/last-proven-report.ts";
import type { LastProven } from "../snapshots/verify/last-proven.ts";

export interface ProvenSnapshots {
  readonly find: (database: DatabaseSettings) => Promise<LastProven>;
  readonly words: typeof Words;
}

/** `disk`: makes no request, so snapshots in another storage do not count. Null if the project has no snapshots. */
export async function provenSnapshots(
  project: AnyProject,
  where: "disk" | "anywhere",
): Promise<ProvenSnapshots | null> {
  const { settings, setting } = project;
  const folder = join(settings.projectPath, DEFAULT_STORE, "snapshots");
  if (setting("snapshots.store") === null && !existsSync(folder)) return null;
  const { openProofs } = await import("./snapshot/open-proofs.ts");
  return openProofs(project, where);
}
