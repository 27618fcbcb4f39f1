/**
 * Which statement of a migration failed, where the database does not say: it fails the same way in memory, or the rows that
 * it would have written say so. And which rows those are.
 * @module
 */
import { refusalOf } from "../failure/kind.ts";
import type { D1Database, Database } from "../database/port.ts";
import { readSchema } from "../schema/introspect.ts";
import { unframe } from "../sql/complaint.ts";
import type { Failure } from "./apply.ts";
import { type History, replayHistory } from "./history.ts";
import type { Migration } from "./migration.ts";
import { findOffending } from "./offending.ts";
import { refusedBy } from "./refused.ts";

/**
 * Replays what was applied and the one that failed. A failure that does not come again is that of the only statement that it
 * can be about, or stays as it is.
 */
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
    if (replayed.ok) {
      const index = onlyCandidate(migration, failure.message);
      return index === null ? failure : { ...failure, index };
    }
    if (replayed.name !== migration.name) return failure;
    const same = replayed.message === failure.message;
    if (!same) return failure;
    return { ...failure, index: replayed.index, place: replayed.place };
  } finally {
    memory.close();
  }
}

function onlyCandidate({ statements }: Migration, message: string): number | null {
  const { text } = unframe(message);
  const refused = statements.flatMap((one, i) => (refusedBy(one.text, text) === null ? [] : [i]));
  if (refused.length === 1) return refused[0] ?? null;
  return statements.length === 1 ? 0 : null;
}

/**
 * Counts the rows that made a statement fail, in the database itself. Where it is not known which statement that was, it is the first
 * one that has such rows.
 */
export async function countOffending(
  d1: D1Database,
  failure: Failure,
  migration: Migration,
  history: History,
  openMemory: () => Database,
): Promise<Failure> {
  if (failure.kind !== "statement" || !OF_ROWS.test(failure.message)) return failure;
  // A foreign key that is checked at the end may be broken on the way.
  const atTheEnd = failure.message.startsWith("FOREIGN KEY") && /\bdefer/i.test(migration.text);
  if (failure.index === null && atTheEnd) return failure;
  const memory = openMemory();
  try {
    if (!(await replayHistory(memory.d1, history)).ok) return failure;
    for (const [index, { text }] of migration.statements.slice(0, MOST).entries()) {
      if (failure.index === null ? MAY_HAVE_ROWS.test(text) : failure.index === index) {
        const schema = await readSchema(memory.d1);
        const offending = await findOffending(d1, schema, text, failure.message);
        if (offending !== null) return { ...failure, index, offending };
      }
      if (failure.index === index) return failure;
      await memory.d1.prepare(text).run();
    }
    return failure;
  } catch (error) {
    if (refusalOf(error) !== null) return failure;
    throw error;
  } finally {
    memory.close();
  }
}

const OF_ROWS = /^(?:\w+(?: \w+)? constraint failed\b|cannot store )/;
const MAY_HAVE_ROWS = /^(?:insert|replace|update|delete|drop|create\s+unique)\b/i;

/** Statements that are looked at. */
const MOST = 500;
