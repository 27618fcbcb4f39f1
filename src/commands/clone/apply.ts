/** @module Puts a prepared clone in the place of the database, after a snapshot of the present. */
import { requireUninterrupted } from "../../project/interruption.ts";
import { emptyFileOf } from "../../project/local-state.ts";
import type { WayBack } from "../../snapshots/report/replacement-findings.ts";
import { applyWithBackup } from "../snapshot/take-backup.ts";
import type { Applied } from "../snapshot/restore-target.ts";
import type { CloneContext } from "./find-clone.ts";
import type { OpenCatalog } from "./open-catalog.ts";

/** `backup`: null if there was nothing to keep, or the user wanted no way back. */
type AppliedClone = Applied & { readonly backup: WayBack | null };

/** @throws OpsError DATABASE_BUSY, DATABASE_FULL, and those of `CloneTarget.apply`; then nothing was changed */
export async function applyClone(
  context: CloneContext,
  stored: OpenCatalog | null,
): Promise<AppliedClone> {
  const { project, writer, source } = context;
  const { settings, options } = project;
  const { apply, watch, busy } = writer;
  requireUninterrupted(project);
  const hasPresent = emptyFileOf(project, settings.database) === null;
  if (stored === null || options.withoutBackup === true || !hasPresent) {
    return { ...(await apply(undefined, null)), backup: null };
  }
  const { opened, catalog } = stored;
  const about = { label: `before the clone of ${options.from}`, wayBackFrom: source.wayBackFrom };
  const request = {
    catalog,
    hasDatabase: true,
    files: { files: [], globs: [] },
    about,
    watch,
    busy,
  };
  return applyWithBackup(project, opened, request, apply);
}
