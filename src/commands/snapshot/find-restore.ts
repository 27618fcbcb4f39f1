/** @module Finds the snapshot that a restore means, compares it with the present, and plans what would change. Changes nothing. */
import { sameCommand } from "../../project/command-line.ts";
import { emptyFileOf } from "../../project/local-state.ts";
import type { Project } from "../../project/project.ts";
import { OpsError } from "../../report/error.ts";
import { type Catalog, isOf } from "../../snapshots/store/catalog.ts";
import { requireConsistent } from "../../snapshots/verify/contradictions.ts";
import type { Manifest } from "../../snapshots/store/manifest.ts";
import type { Snapshot } from "../../snapshots/store/manifests.ts";
import type { Restore } from "../../snapshots/restore/restore-losses.ts";
import { type Chosen, chosenIn } from "./choose.ts";
import { chosenFiles } from "./chosen-files.ts";
import { presentFiles } from "./file-sources.ts";
import type { LostRuns } from "./lost-runs.ts";
import { measurePresent } from "./measure-present.ts";
import { isNamed } from "./open-store.ts";
import { leavesDatabase, leavesFiles, type SnapshotRestoreOptions } from "./restore-options.ts";
import type { RestoreTarget } from "./restore-target.ts";
import type { OpenStore } from "./unlock-store.ts";

export interface FoundRestore extends Omit<Restore, "lostRuns"> {
  readonly lostRuns: LostRuns | null;
  /** The content of the snapshot that the user wants. */
  readonly wanted: Pick<Manifest, "database" | "files" | "globs">;
}

/** @throws OpsError SNAPSHOT_UNKNOWN, SNAPSHOT_DAMAGED, USAGE if the snapshot lacks what is wanted */
export async function findRestore(
  project: Project<SnapshotRestoreOptions>,
  opened: OpenStore,
  catalog: Catalog,
  to: RestoreTarget,
): Promise<FoundRestore> {
  const { options } = project;
  const isFile = project.settings.database.file !== undefined;
  const latest = leavesDatabase(options)
    ? { isCandidate: hasFiles, database: null }
    : isFile
      ? { isCandidate: ofAnyDatabase(project), database: null }
      : { isCandidate: isOf(to.target), database: to.target };
  const chosen = chosenIn(project, catalog, options.id, latest);
  const { snapshot, short } = chosen;
  const { manifest } = snapshot;
  requireConsistent({ ...opened, manifest });
  const wanted = {
    ...(await wantedFiles(project, opened, chosen)),
    database: leavesDatabase(options) ? null : manifest.database,
  };
  requireContent(
    project,
    short,
    wanted.database !== null || wanted.files.length + wanted.globs.length > 0,
  );
  const now = await measurePresent(project, {
    codec: opened.codec,
    store: to.presentStore,
    hasDatabase: wanted.database !== null,
    files: await presentFiles(project, wanted, opened.store),
    explain: to.explain,
  });
  const again = sameCommand(resolved(project, short));
  const plan = await to.plan(now, wanted, chosen);
  const isNew = emptyFileOf(project, project.settings.database) !== null;
  const into = isFile ? (isNew ? "new file" : "file") : "database";
  const { tables = null } = options;
  const lostRuns = wanted.database === null ? null : await to.lostRuns(chosen, catalog);
  return { snapshot, short, target: to.target, into, tables, again, plan, lostRuns, wanted };
}

async function wantedFiles(
  project: Project<SnapshotRestoreOptions>,
  { store }: OpenStore,
  chosen: Chosen,
): Promise<Pick<Manifest, "files" | "globs">> {
  const { options } = project;
  const { files, globs } = chosen.snapshot.manifest;
  if (leavesFiles(options)) return { files: [], globs: [] };
  if (options.files === undefined || files.length + globs.length === 0) return { files, globs };
  return chosenFiles(project, chosen, options.files, store);
}

function hasFiles({ manifest }: Snapshot): boolean {
  return manifest.files.length > 0;
}

/** No snapshot is of the file that a user names. */
function ofAnyDatabase({
  settings,
  options: { db },
}: Project<SnapshotRestoreOptions>): (one: Snapshot) => boolean {
  const isCandidate = isNamed({ settings, options: db === undefined ? {} : { db } });
  return (one) => one.manifest.database !== null && isCandidate(one);
}

function requireContent(
  { options }: Project<SnapshotRestoreOptions>,
  short: string,
  hasContent: boolean,
): void {
  if (hasContent) return;
  const files = options.files === undefined ? "--files-only" : "--files";
  const database = options.tables === undefined ? "--database-only" : "--tables";
  const [flag, lacks] = leavesDatabase(options) ? [files, "no files"] : [database, "no database"];
  const message = `The snapshot ${short} has ${lacks}, so there is nothing to restore.`;
  throw new OpsError("USAGE", { argument: flag }, { message, hint: `Leave ${flag} out.` });
}

/** `latest` may be another snapshot when the user runs a command that d1ops suggests. */
export function resolved(
  { verb, options }: Project<SnapshotRestoreOptions>,
  short: string,
): Pick<Project<SnapshotRestoreOptions>, "verb" | "options"> {
  return { verb, options: { ...options, id: short, dryRun: false } };
}
