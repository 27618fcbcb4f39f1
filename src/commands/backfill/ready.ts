/**
 * Whether a backfill can run at all: what can be told before anything is begun.
 * @module
 */
import type { Backfill } from "../../backfills/backfill.ts";
import { type Progress, readProgress } from "../../backfills/state.ts";
import type { D1Database } from "../../database/port.ts";
import { readLedger } from "../../migrations/ledger.ts";
import { command, offer } from "../../report/command.ts";
import { OpsError } from "../../report/error.ts";
import type { ProjectOptions } from "../../project/options.ts";
import type { Project } from "../../project/project.ts";

export interface ReadyOptions extends ProjectOptions {
  readonly anew?: boolean;
}

/** @throws OpsError BACKFILL_NOT_READY. Answers how far it was. */
export async function demandReady(
  { settings, options }: Project<ReadyOptions>,
  d1: D1Database,
  { name, after, checksum }: Backfill,
): Promise<Progress | undefined> {
  const { database } = settings;
  const progress = (await readProgress(d1)).find((one) => one.name === name);
  const begun = progress !== undefined && progress.windows > 0 && progress.state !== "cancelled";
  if (begun && progress.checksum !== checksum && options.anew !== true) {
    throw notReady(
      name,
      "its file is not the one that it was begun with",
      offer("Restore the file to go on, or begin again", command("backfill run", name, "--anew")),
    );
  }
  if (after === null) return progress;
  const ledger = await readLedger(d1, database.migrationsTable);
  if (ledger.some((row) => row.name === after)) return progress;
  const hint = offer("To apply it", command("migrate apply"));
  throw notReady(name, `it comes after ${after}, which is not applied`, hint);
}

function notReady(name: string, reason: string, hint: string): OpsError {
  return new OpsError(
    "BACKFILL_NOT_READY",
    { name, reason },
    { message: `${name} cannot run: ${reason}.`, hint },
  );
}
