/** @module Reads what a restore or a clone would replace, as a snapshot of it would be. */
import type { Project } from "../../project/project.ts";
import type { OnProgress } from "../../report/progress.ts";
import type { Manifest } from "../../snapshots/store/manifest.ts";
import { measure, type MeasureRequest } from "../../snapshots/take/measure.ts";
import type { RestoreTarget } from "./restore-target.ts";
import type { SnapshotOptions } from "./snapshot-options.ts";
import { type OpenSource, progressOf, sourceOf } from "./sources.ts";

interface PresentRequest extends Pick<MeasureRequest, "codec" | "store" | "files"> {
  readonly hasDatabase: boolean;
  readonly explain: RestoreTarget["explain"];
}

/** @throws what `explain` returns for the error */
export async function measurePresent(
  project: Project<SnapshotOptions & { readonly onProgress?: OnProgress }>,
  { hasDatabase, explain, ...request }: PresentRequest,
): Promise<Manifest> {
  let database: OpenSource | null = null;
  try {
    database = hasDatabase ? await sourceOf(project) : null;
    const onProgress = progressOf(project.options, database);
    return await measure({ ...request, database, onProgress });
  } catch (error) {
    throw explain(error);
  } finally {
    database?.close();
  }
}
