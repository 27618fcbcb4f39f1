/** @module `snapshot take`: stores a complete copy of a database and of project files. Changes neither of them. */
import { readGitState } from "../../files/git-state.ts";
import { contradiction } from "../../options/contradiction.ts";
import { toolName } from "../../project/envelope.ts";
import {
  type AnyProject,
  type ProjectBody,
  withDatabases,
  withProject,
} from "../../project/project.ts";
import type { Report } from "../../report/report.ts";
import { readCatalog } from "../../snapshots/store/catalog.ts";
import { readOnly } from "../../snapshots/store/unwritten.ts";
import { previousOf } from "../../snapshots/take/previous.ts";
import { secretFindings } from "../../snapshots/take/secret-files.ts";
import { snapshotTakeReport } from "../../snapshots/report/snapshot-take-report.ts";
import { unreadableFindings } from "../../snapshots/report/snapshot-list-report.ts";
import { shortIds } from "../../snapshots/report/snapshot-words.ts";
import { takeSnapshot } from "../../snapshots/take/take.ts";
import type { DatabaseSource } from "../../snapshots/take/take-database.ts";
import { projectFiles } from "./file-sources.ts";
import { committedFinding } from "./committed.ts";
import { encryptedFinding, openForTaking } from "./open-for-taking.ts";
import { readTakeOptions, type SnapshotTakeOptions } from "./take-options.ts";
import { progressOf, requireDatabase } from "./sources.ts";
import { globsOf, nothingToTake, openerFor } from "./take-what.ts";
import { servingWorker } from "./worker-version.ts";

export type { SnapshotTakeOptions } from "./take-options.ts";

/**
 * The snapshot is complete, or it does not exist: its manifest is written last. Outcome `problems` (exit 1) if a remote database changed
 * whenever d1ops read it: then the tables of the snapshot are of different moments.
 * @throws OpsError DATABASE_UNREADABLE if there is no local database, SNAPSHOT_INCOMPLETE, FILE_UNWRITABLE, INPUT_UNREADABLE, SNAPSHOT_LOCKED
 */
export async function snapshotTake(given: SnapshotTakeOptions = {}): Promise<Report> {
  const options = readTakeOptions(given);
  if (options.withoutDatabase === true) {
    if (options.via !== undefined) throw contradiction("--via", "--without-database");
    return withDatabases("snapshot take", options, async (project) => take(project, null));
  }
  return withProject("snapshot take", options, async (project) => {
    const open = openerFor(project);
    requireDatabase(project, " For files alone, pass --without-database.");
    return take(project, async () => open(project));
  });
}

async function take(
  project: AnyProject<SnapshotTakeOptions>,
  open: (() => Promise<DatabaseSource>) | null,
): Promise<ProjectBody> {
  const { options, settings, startedAt } = project;
  const globs = globsOf(project);
  if (open === null && globs.length === 0) throw nothingToTake();
  const { store, codec, isEncrypted, isNewlyEncrypted } = await openForTaking(project);
  const { files, findings: skipped } = await projectFiles(project, globs, store);
  // The last step before reading: an export makes the database unavailable, and an error of the store or of a pattern must come first.
  const database = open === null ? null : await open();
  const catalog = codec.appends
    ? { location: store.location, snapshots: [], unreadable: [] }
    : await readCatalog(store, codec);
  const previous = previousOf(catalog.snapshots, database?.source ?? null);
  const dryRun = options.dryRun === true;
  const taken = await takeSnapshot({
    store: dryRun ? readOnly(store) : store,
    codec,
    database,
    files,
    globs,
    previous,
    about: {
      tool: toolName(),
      takenAt: startedAt.toISOString(),
      label: options.label ?? null,
      git: await readGitState(settings.projectPath),
      ...(database === null ? {} : await servingWorker(project)),
    },
    now: project.date,
    onProgress: progressOf(options, database),
  });
  const short = shortIds([taken.id, ...catalog.snapshots.map(({ id }) => id)])(taken.id);
  const body = snapshotTakeReport({
    taken,
    short,
    location: store.location,
    previous,
    dryRun,
    isEncrypted,
  });
  const findings = [
    ...skipped,
    ...(body.findings ?? []),
    ...unreadableFindings(catalog, "warning"),
    ...(isNewlyEncrypted && !dryRun ? [encryptedFinding(store)] : []),
    ...(isEncrypted
      ? []
      : [
          ...secretFindings({
            files,
            globs,
            isSetting: options.files === undefined,
            place: store.location,
          }),
          ...(await committedFinding(settings.projectPath, store.folder)),
        ]),
  ];
  return { ...body, findings, target: database?.source ?? null };
}
