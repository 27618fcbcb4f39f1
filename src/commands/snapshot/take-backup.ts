/** @module Takes the snapshot of the present before a restore or a clone, the way back, and replaces only what it contains. */
import { type Watch, WrittenMeanwhile } from "../../database/watch-file.ts";
import { readGitState } from "../../files/git-state.ts";
import { toolName } from "../../project/envelope.ts";
import { requireUninterrupted } from "../../project/interruption.ts";
import type { Project } from "../../project/project.ts";
import { command, offer } from "../../report/command.ts";
import { withText } from "../../report/error-class.ts";
import type { OpsError } from "../../report/error.ts";
import type { Catalog } from "../../snapshots/store/catalog.ts";
import type { Manifest } from "../../snapshots/store/manifest.ts";
import type { Snapshot } from "../../snapshots/store/manifests.ts";
import { previousOf } from "../../snapshots/take/previous.ts";
import type { WayBack } from "../../snapshots/report/replacement-findings.ts";
import { shortIds } from "../../snapshots/report/snapshot-words.ts";
import { takeSnapshot } from "../../snapshots/take/take.ts";
import { verifySnapshot } from "../../snapshots/verify/verify.ts";
import type { OnProgress } from "../../report/progress.ts";
import type { Applied, Prepared } from "./restore-target.ts";
import type { SnapshotOptions } from "./snapshot-options.ts";
import { presentFiles } from "./file-sources.ts";
import { progressOf, sourceOf } from "./sources.ts";
import type { OpenStore } from "./unlock-store.ts";

/** What is about to be replaced. */
export interface BackupRequest {
  readonly catalog: Catalog;
  readonly hasDatabase: boolean;
  readonly files: Pick<Manifest, "files" | "globs">;
  /** Notices writes of others from now on. Null if what replaces it notices them by the way back. */
  readonly watch: () => Watch | null;
  /** Others have written after each way back. */
  readonly busy: (waitedMs: number) => OpsError;
  readonly about: Required<Pick<Manifest, "label" | "wayBackFrom">>;
}

type Backing = Project<SnapshotOptions & { readonly onProgress?: OnProgress }>;

/** What replaces it. */
type Apply = Prepared["apply"];

/** How often d1ops takes the way back of a database to which others write. */
const ATTEMPTS = 5;

/**
 * Takes the way back, proves it, and applies the change. If another process wrote to the database after the way back was read, it begins
 * again: those writes would be lost.
 * @throws OpsError DATABASE_BUSY if others write all the time, SNAPSHOT_DAMAGED; then nothing was changed
 */
export async function applyWithBackup(
  project: Backing,
  opened: OpenStore,
  request: BackupRequest,
  apply: Apply,
): Promise<Applied & { readonly backup: WayBack }> {
  const { now } = project;
  const started = now();
  let { snapshots } = request.catalog;
  for (let reading = 1; reading <= ATTEMPTS; reading += 1) {
    requireUninterrupted(project);
    const watch = request.hasDatabase ? request.watch() : null;
    try {
      const taken = await takeBackup(project, opened, request, snapshots);
      snapshots = [taken, ...snapshots];
      const applied = await apply(watch?.requireUnchanged, taken);
      const short = shortIds([...snapshots, ...request.catalog.unreadable].map(({ id }) => id));
      return { ...applied, backup: { id: taken.id, short: short(taken.id) } };
    } catch (error) {
      if (!(error instanceof WrittenMeanwhile)) throw error;
    } finally {
      watch?.close();
    }
  }
  throw request.busy(Math.round(now() - started));
}

/** Contains what is replaced. The present may have changed since the plan, so this reads it again. */
async function takeBackup(
  project: Backing,
  opened: OpenStore,
  { hasDatabase, files: { files, globs }, about }: BackupRequest,
  snapshots: readonly Snapshot[],
): Promise<Snapshot> {
  const { settings, options } = project;
  const { store, codec } = opened;
  const database = hasDatabase ? await sourceOf(project) : null;
  try {
    const taken = await takeSnapshot({
      store,
      codec,
      database,
      files: await presentFiles(project, { files, globs }, store),
      globs,
      previous: previousOf(snapshots, database?.source ?? null),
      about: {
        tool: toolName(),
        takenAt: project.startedAt.toISOString(),
        ...about,
        git: await readGitState(settings.projectPath),
      },
      now: project.date,
      onProgress: progressOf(options, database),
    });
    await requireIntact(opened, taken);
    return taken;
  } finally {
    database?.close();
  }
}

/** It shares data with older snapshots, which may be damaged. */
async function requireIntact(
  { store, codec }: OpenStore,
  { id, manifest }: Snapshot,
): Promise<void> {
  const damages = await verifySnapshot({ store, codec, manifest });
  const damage = damages.find(({ loses }) => loses !== null);
  if (damage === undefined) return;
  await store.remove("snapshots", id);
  const message = `The state before the change cannot be kept, so nothing was changed. ${damage.error.message}`;
  const hint = offer(
    "To see all damage, and how to mend the store",
    command("snapshot verify", "--all"),
  );
  throw withText(damage.error, { message, hint });
}
