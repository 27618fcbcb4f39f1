/** @module What `snapshot take` reads: the database itself or an export of it, and which files. */
import { contradiction } from "../../options/contradiction.ts";
import type { AnyProject, Project } from "../../project/project.ts";
import { OpsError } from "../../report/error.ts";
import type { DatabaseSource } from "../../snapshots/take/take-database.ts";
import { sourceOf } from "./sources.ts";
import type { SnapshotTakeOptions } from "./take-options.ts";

/** Opens the database that the snapshot reads. */
type OpenTaken = (project: Project<SnapshotTakeOptions>) => Promise<DatabaseSource>;

/** @throws OpsError USAGE */
export function openerFor(project: Project<SnapshotTakeOptions>): OpenTaken {
  if (project.options.via === undefined) return sourceOf;
  const open = project.byPlace<OpenTaken | null>({ local: null, remote: openExported });
  if (open !== null) return open;
  const message =
    "--via export exports a database at Cloudflare, and d1ops reads a local one in one transaction.";
  const hint = "Add --remote, or leave --via out.";
  throw new OpsError("USAGE", { argument: "--via" }, { message, hint });
}

const openExported: OpenTaken = async (project) => {
  const { exportedSource } = await import("./exported-source.ts");
  return exportedSource(project);
};

/** @throws OpsError USAGE */
export function globsOf({ options, setting }: AnyProject<SnapshotTakeOptions>): readonly string[] {
  const { files, withoutFiles } = options;
  if (withoutFiles !== true) return files ?? setting("snapshots.files") ?? [];
  if (files === undefined || files.length === 0) return [];
  throw contradiction("--without-files", "--files");
}

export function nothingToTake(): OpsError {
  const message = "--without-database needs files: else the snapshot would be empty.";
  const hint =
    "Add --files with a pattern, such as --files 'config/**', or set snapshots.files in d1ops.jsonc.";
  return new OpsError("USAGE", { argument: "--without-database" }, { message, hint });
}
