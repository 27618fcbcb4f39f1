/**
 * Which statement of a migration failed, where the database does not say: it fails the same way in memory.
 * @module
 */
import type { Database } from "../database/port.ts";
import type { Failure } from "./apply.ts";
import { type History, replayHistory } from "./history.ts";
import type { Migration } from "./migration.ts";

/** Replays what was applied and the one that failed. A failure that does not come again stays as it is. */
export async function locateFailure(
  failure: Failure,
  migration: Migration,
  { table, folder, applied }: History,
  openMemory: () => Database,
): Promise<Failure> {
  if (failure.kind !== "statement" || failure.index !== null) return failure;
  const memory = openMemory();
  try {
    const replayed = await replayHistory(memory.d1, {
      table,
      folder,
      applied: [...applied, { name: migration.name, appliedAt: "" }],
    });
    if (replayed.ok || replayed.name !== migration.name) return failure;
    const same = replayed.message.replace(/^D1_ERROR: /, "") === failure.message;
    if (!same) return failure;
    return { ...failure, index: replayed.index, place: replayed.place };
  } finally {
    memory.close();
  }
}
