/** @module Confirms an export of a remote database, which makes the database unavailable. */
import { findDatabase, type RemoteD1 } from "../cloudflare/d1.ts";
import type { Target } from "../report/report.ts";
import { grouped } from "../report/wording.ts";
import { type ConfirmingProject, type Intent, requireConfirmation } from "./confirm.ts";

/** @throws OpsError NOT_CONFIRMED; then nothing was exported */
export async function confirmExport(
  project: ConfirmingProject,
  { api, account, id }: RemoteD1,
  target: Target,
  { action, preview }: Pick<Intent, "action" | "preview">,
): Promise<void> {
  const { size } = await findDatabase(api, account, id);
  const bytes = size === null ? "" : ` (${grouped(size)} bytes)`;
  await requireConfirmation(project, {
    action,
    target,
    notes: [
      `Cloudflare exports ${target.database}${bytes} for the copy. The database is unavailable until the export is done. d1ops writes nothing to it.`,
    ],
    preview,
  });
}
