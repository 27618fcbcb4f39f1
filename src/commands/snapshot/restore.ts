/**
 * `snapshot restore ID --local`: puts the database and the files back into the state of a snapshot. It proves all that it needs before it
 * changes anything, and takes a snapshot of the present first.
 * @module
 */
import { sameCommand } from "../../project/command-line.ts";
import { requireConfirmation } from "../../project/confirm.ts";
import { requireUninterrupted } from "../../project/interruption.ts";
import { localPath, localTarget } from "../../project/open-database.ts";
import { type Project, type ProjectBody, withWritingProject } from "../../project/project.ts";
import { requireLocal } from "../../project/require-local.ts";
import { offer } from "../../report/command.ts";
import { OpsError } from "../../report/error.ts";
import type { Report } from "../../report/report.ts";
import { type Catalog, isOf, readCatalog } from "../../snapshots/catalog.ts";
import { requireConsistent } from "../../snapshots/contradictions.ts";
import type { Manifest } from "../../snapshots/manifest.ts";
import type { Snapshot } from "../../snapshots/manifests.ts";
import { measure } from "../../snapshots/measure.ts";
import { chunkReader } from "../../snapshots/read-chunk.ts";
import { changesDatabase, changesOf, planRestore } from "../../snapshots/restore-plan.ts";
import { lossFindings, type Restore, restoreReport } from "../../snapshots/restore-report.ts";
import { chosenIn } from "./choose.ts";
import { presentFiles } from "./file-sources.ts";
import { explainPresent } from "./present-damage.ts";
import { prepareRestore } from "./prepare-restore.ts";
import { readRestore, type SnapshotRestoreOptions } from "./restore-options.ts";
import { type OpenSource, progressOf, sourceOf } from "./sources.ts";
import { applyWithBackup } from "./take-backup.ts";
import { openStore, type OpenStore } from "./unlock-store.ts";

export type { SnapshotRestoreOptions } from "./restore-options.ts";

/**
 * Outcome `changed`, or `ok` if the present equals the snapshot already. `partial` (exit 4): the database is restored, but not every file.
 * If it is killed, run it again.
 * @throws OpsError SNAPSHOT_UNKNOWN, SNAPSHOT_LOCKED, SNAPSHOT_DAMAGED, NOT_CONFIRMED if rows or files would be lost; then nothing was changed
 */
export async function snapshotRestore(given: SnapshotRestoreOptions): Promise<Report> {
  return withWritingProject("snapshot restore", readRestore(given), restore);
}

async function restore(project: Project<SnapshotRestoreOptions>): Promise<ProjectBody> {
  requireLocal(project);
  const { options } = project;
  const opened = await openStore(project);
  const { store, codec } = opened;
  const catalog = await readCatalog(store, codec);
  const plan = async (): Promise<Restore> => planned(project, opened, catalog);
  const first = await plan();
  const { target } = first;
  if (options.dryRun === true && !isNothing(first)) {
    return { ...restoreReport(first, { kind: "dry run" }), target };
  }
  const found = isNothing(first) ? first : await confirmed(project, first, plan);
  if (isNothing(found)) return { ...restoreReport(found, { kind: "nothing to do" }), target };
  const { snapshot } = found;
  const database = changesDatabase(found.plan) ? snapshot.manifest.database : null;
  const { files } = changesOf(found.plan);
  const chunks = chunkReader(store, codec, snapshot.manifest);
  const removed = files.filter(({ change }) => change === "removed").map(({ path }) => path);
  const changed = new Set(files.map(({ path }) => path));
  const prepared = await prepareRestore(
    project,
    { store, codec, chunks },
    {
      database,
      files: snapshot.manifest.files.filter(({ path }) => changed.has(path)),
      removed,
    },
  );
  try {
    requireUninterrupted(project);
    const applied =
      options.withoutBackup === true
        ? { backup: null, stop: await prepared.apply() }
        : await applyWithBackup(
            project,
            opened,
            { restore: found, catalog },
            async (requireUnchanged) => prepared.apply(requireUnchanged),
          );
    return { ...restoreReport(found, { kind: "restored", ...applied }), target };
  } finally {
    prepared.discard();
  }
}

async function planned(
  project: Project<SnapshotRestoreOptions>,
  opened: OpenStore,
  catalog: Catalog,
): Promise<Restore> {
  const { options, settings } = project;
  const target = localTarget(settings, settings.database);
  const isCandidate =
    options.filesOnly === true
      ? ({ manifest }: Snapshot): boolean => manifest.files.length > 0
      : isOf(target);
  const { snapshot, short } = chosenIn(project, catalog, options.id, isCandidate);
  const { manifest } = snapshot;
  requireConsistent({ ...opened, manifest });
  const wanted = {
    ...(options.databaseOnly === true ? { files: [], globs: [] } : manifest),
    database: options.filesOnly === true ? null : manifest.database,
  };
  requireContent(
    project,
    short,
    wanted.database !== null || wanted.files.length + wanted.globs.length > 0,
  );
  const now = await present(project, opened, wanted);
  const again = sameCommand(resolved(project, short));
  return { snapshot, short, target, again, plan: planRestore(now, wanted) };
}

/** What a snapshot of the present would have of this content. */
async function present(
  project: Project<SnapshotRestoreOptions>,
  { store, codec }: OpenStore,
  wanted: Pick<Manifest, "database" | "files" | "globs">,
): Promise<Manifest> {
  let database: OpenSource | null = null;
  try {
    database = wanted.database === null ? null : await sourceOf(project);
    return await measure({
      codec,
      database,
      files: await presentFiles(project, wanted, store),
      onProgress: progressOf(project.options, database),
    });
  } catch (error) {
    const { settings } = project;
    throw explainPresent(error, localPath(settings, settings.database));
  } finally {
    database?.close();
  }
}

function requireContent(
  { options: { filesOnly } }: Project<SnapshotRestoreOptions>,
  short: string,
  hasContent: boolean,
): void {
  if (hasContent) return;
  const [flag, lacks] =
    filesOnly === true ? ["--files-only", "no files"] : ["--database-only", "no database"];
  const message = `The snapshot ${short} has ${lacks}, so there is nothing to restore.`;
  throw new OpsError("USAGE", { argument: flag }, { message, hint: `Leave ${flag} out.` });
}

function isNothing({ plan }: Restore): boolean {
  return !changesDatabase(plan) && changesOf(plan).files.length === 0;
}

/** A prompt may be open for hours. If more is lost then than it showed, the user has to confirm again. */
async function confirmed(
  project: Project<SnapshotRestoreOptions>,
  found: Restore,
  plan: () => Promise<Restore>,
): Promise<Restore> {
  await confirm(project, found);
  const shown = JSON.stringify(lossFindings(found));
  if (shown === "[]" || project.options.confirm !== undefined) return found;
  const later = await plan();
  return JSON.stringify(lossFindings(later)) === shown ? later : confirmed(project, later, plan);
}

/** A restore that loses nothing needs no confirmation. */
async function confirm(project: Project<SnapshotRestoreOptions>, found: Restore): Promise<void> {
  const losses = lossFindings(found);
  if (losses.length === 0) return;
  const typed = resolved(project, found.short);
  await requireConfirmation(typed, {
    action: `restore the snapshot ${found.short}`,
    target: found.target,
    localToo: true,
    destructive: () => losses,
    preview: offer("To see what would be restored", sameCommand(typed, "--dry-run")),
  });
}

/** `latest` may be another snapshot when the user runs a command that d1ops suggests. */
function resolved(
  { verb, options }: Project<SnapshotRestoreOptions>,
  short: string,
): Pick<Project<SnapshotRestoreOptions>, "verb" | "options"> {
  return { verb, options: { ...options, id: short, dryRun: false } };
}
