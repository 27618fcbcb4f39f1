/** @module `snapshot take`: stores a complete copy of a database and of project files. Changes neither of them. */
import { readGitState } from "../../files/git-state.ts";
import * as kinds from "../../options/kinds.ts";
import { optionsOf } from "../../options/check-options.ts";
import { toolName } from "../../project/envelope.ts";
import type { WriteOptions } from "../../project/project-options.ts";
import {
  type AnyProject,
  type Project,
  type ProjectBody,
  withDatabases,
  withProject,
} from "../../project/project.ts";
import { OpsError } from "../../report/error.ts";
import type { OnProgress } from "../../report/progress.ts";
import type { Report } from "../../report/report.ts";
import { readCatalog } from "../../snapshots/catalog.ts";
import { readOnly } from "../../snapshots/measure.ts";
import { previousOf } from "../../snapshots/previous.ts";
import { snapshotTakeReport } from "../../snapshots/snapshot-take-report.ts";
import { unreadableFindings } from "../../snapshots/snapshot-list-report.ts";
import { shortIds } from "../../snapshots/snapshot-words.ts";
import { takeSnapshot } from "../../snapshots/take.ts";
import type { DatabaseSource } from "../../snapshots/take-database.ts";
import { projectFiles } from "./file-sources.ts";
import { committedFinding } from "./committed.ts";
import { encryptedFinding, openForTaking } from "./encrypt-store.ts";
import { ENCRYPTION, type EncryptionOptions } from "./encryption-options.ts";
import { SNAPSHOT, type SnapshotOptions } from "./snapshot-options.ts";
import { progressOf, requireDatabase, sourceOf } from "./sources.ts";

export interface SnapshotTakeOptions
  extends SnapshotOptions, EncryptionOptions, Pick<WriteOptions, "dryRun"> {
  /** Patterns of project files, relative to the config. Default: the setting `snapshots.files`, else no files. */
  readonly files?: readonly string[];
  /** Takes no files, also if the setting names some. */
  readonly withoutFiles?: boolean;
  readonly withoutDatabase?: boolean;
  /** A remark. */
  readonly label?: string;
  /** Called from time to time: rows of the database, then bytes of the files. */
  readonly onProgress?: OnProgress;
}

const readOptions = optionsOf<SnapshotTakeOptions>("snapshotTake", {
  ...SNAPSHOT,
  ...ENCRYPTION,
  dryRun: kinds.optional(kinds.flag),
  files: kinds.optional(kinds.listOf(kinds.name)),
  withoutFiles: kinds.optional(kinds.flag),
  withoutDatabase: kinds.optional(kinds.flag),
  label: kinds.optional(kinds.text),
  onProgress: kinds.optional(kinds.listener<OnProgress>()),
});

/**
 * The snapshot is complete, or it does not exist: its manifest is written last. Outcome `problems` (exit 1) if a remote database changed
 * whenever d1ops read it: then the tables of the snapshot are of different moments.
 * @throws OpsError DATABASE_UNREADABLE if there is no local database, SNAPSHOT_INCOMPLETE, FILE_UNWRITABLE, INPUT_UNREADABLE, SNAPSHOT_LOCKED
 */
export async function snapshotTake(given: SnapshotTakeOptions = {}): Promise<Report> {
  const options = readOptions(given);
  return options.withoutDatabase === true
    ? withDatabases("snapshot take", options, async (project) => take(project, null))
    : withProject("snapshot take", options, async (project) =>
        take(project, await source(project)),
      );
}

async function source(project: Project<SnapshotTakeOptions>): Promise<DatabaseSource> {
  requireDatabase(project, " For files alone, pass --without-database.");
  return sourceOf(project);
}

async function take(
  project: AnyProject<SnapshotTakeOptions>,
  database: DatabaseSource | null,
): Promise<ProjectBody> {
  const { options, settings, startedAt } = project;
  const globs = globsOf(project);
  if (database === null && globs.length === 0) throw nothingToTake();
  const { store, codec, isEncrypted, isNewlyEncrypted } = await openForTaking(project);
  const catalog = await readCatalog(store, codec);
  const previous = previousOf(catalog.snapshots, database?.source ?? null);
  const dryRun = options.dryRun === true;
  const { files, findings: skipped } = await projectFiles(project, globs, store);
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
    },
    now: project.date,
    onProgress: progressOf(options, database),
  });
  const short = shortIds([taken.id, ...catalog.snapshots.map(({ id }) => id)])(taken.id);
  const body = snapshotTakeReport({
    taken,
    short,
    place: store.place,
    previous,
    dryRun,
    isEncrypted,
  });
  const findings = [
    ...skipped,
    ...(body.findings ?? []),
    ...unreadableFindings(catalog, "warning"),
    ...(isNewlyEncrypted && !dryRun ? [encryptedFinding(store)] : []),
    ...(isEncrypted ? [] : await committedFinding(settings.projectPath, store.folder)),
  ];
  return { ...body, findings, target: database?.source ?? null };
}

/** @throws OpsError USAGE */
function globsOf({ options, setting }: AnyProject<SnapshotTakeOptions>): readonly string[] {
  const { files, withoutFiles } = options;
  if (withoutFiles !== true) return files ?? setting("snapshots.files") ?? [];
  if (files === undefined || files.length === 0) return [];
  const message = "--without-files contradicts --files.";
  const hint = "Leave one of them out.";
  throw new OpsError("USAGE", { argument: "--without-files" }, { message, hint });
}

function nothingToTake(): OpsError {
  const message = "--without-database needs files: else the snapshot would be empty.";
  const hint =
    "Add --files with a pattern, such as --files 'config/**', or set snapshots.files in d1ops.jsonc.";
  return new OpsError("USAGE", { argument: "--without-database" }, { message, hint });
}
