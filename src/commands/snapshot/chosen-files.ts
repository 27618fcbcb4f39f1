/** @module The files of a restore that the user chose with `--files`. */
import { literalGlob, selectionOf } from "../../files/project-globs.ts";
import type { Project } from "../../project/project.ts";
import { command, offer } from "../../report/command.ts";
import { OpsError } from "../../report/error.ts";
import { nearest } from "../../report/nearest.ts";
import type { Manifest } from "../../snapshots/store/manifest.ts";
import type { Store } from "../../snapshots/store/store.ts";
import type { Chosen } from "./choose.ts";
import { matchingFiles } from "./file-sources.ts";
import type { SnapshotRestoreOptions } from "./restore-options.ts";

/**
 * The files of the snapshot that fit the globs, and as globs the paths of these and of fitting files that were created since the snapshot.
 * So neither the restore nor its way back concerns any other file. @throws OpsError FILES_NONE
 */
export async function chosenFiles(
  project: Project<SnapshotRestoreOptions>,
  { snapshot: { manifest }, short }: Chosen,
  globs: readonly string[],
  store: Store,
): Promise<Pick<Manifest, "files" | "globs">> {
  const { chooses, unmatched } = selectionOf(globs);
  const present = await matchingFiles(project, manifest.globs, store);
  const known = [...manifest.files, ...present].map(({ path }) => path);
  const none = unmatched(known);
  if (none.length > 0) throw noSuchFile(project, short, none, known);
  const files = manifest.files.filter(({ path }) => chooses(path));
  const paths = new Set(known.filter(chooses));
  return { files, globs: [...paths].map(literalGlob) };
}

function noSuchFile(
  { settings: { projectPath } }: Project<SnapshotRestoreOptions>,
  short: string,
  globs: readonly string[],
  known: readonly string[],
): OpsError<"FILES_NONE"> {
  const message = globs
    .map((glob) => `The snapshot ${short} has no file that fits ${glob}.`)
    .join("\n");
  const near = globs.flatMap((glob) => nearest(glob, known) ?? []);
  const hint =
    near.length > 0
      ? `Did you mean ${near.join(", ")}?`
      : offer("To see its files", command("snapshot show", short));
  return new OpsError("FILES_NONE", { path: projectPath, globs: [...globs] }, { message, hint });
}
