/**
 * Finds the failed statement if the database does not report it, from a replay in memory or from the rows that it would have
 * written. Also finds those rows.
 * @module
 */
import { refusalOf } from "../failure/kind.ts";
import type { D1Database, Database } from "../database/port.ts";
import { readSchema } from "../schema/introspect.ts";
import { unframe } from "../sql/complaint.ts";
import { unreadableFindings } from "./findings.ts";
import { type History, replayHistory } from "./history.ts";
import type { Applied } from "./ledger.ts";
import type { Migration } from "./migration.ts";
import { findOffending } from "./offending.ts";
import type { ApplyResult, Failure, MigrationOutcome } from "./migration-run.ts";
import { refusedBy } from "./refused.ts";
import type { VerifyRequest } from "./verify.ts";

interface LocateRequest extends Pick<VerifyRequest, "d1" | "table" | "folder" | "openMemory"> {
  /** The ledger before the run. */
  readonly ledger: readonly Applied[];
}

/** Completes the failures of a run: D1's API does not report which statement of a batch it rejects. */
export async function locateFailures(
  result: ApplyResult,
  { d1, table, folder, ledger, openMemory }: LocateRequest,
): Promise<ApplyResult> {
  // The history before a failure cannot be replayed if one of its files is not text.
  if (unreadableFindings(folder, { applied: ledger }).length > 0) return result;
  const outcomes: MigrationOutcome[] = [];
  const applied: Pick<Applied, "name" | "appliedAt">[] = [...ledger];
  for (const outcome of result.outcomes) {
    const { migration, status } = outcome;
    if (status === "done") applied.push({ name: migration.name, appliedAt: "" });
    if (status !== "failed") {
      outcomes.push(outcome);
      continue;
    }
    const failed = { migration, history: { table, folder, applied }, openMemory };
    const located = await locateFailure(outcome.failure, failed);
    outcomes.push({ ...outcome, failure: await countOffending(d1, located, failed) });
  }
  return { ...result, outcomes };
}

export interface FailedMigration {
  readonly migration: Migration;
  /** The migrations that were applied before it. */
  readonly history: History;
  readonly openMemory: () => Database;
}

/**
 * Replays the applied migrations and the failed one. If the failure does not recur, it is attributed to the only statement that
 * can cause it, or stays unattributed.
 */
export async function locateFailure(
  failure: Failure,
  { migration, history, openMemory }: FailedMigration,
): Promise<Failure> {
  if (failure.kind !== "statement" || failure.index !== null) return failure;
  const memory = openMemory();
  try {
    const replayed = await replayHistory(memory.d1, {
      ...history,
      applied: [...history.applied, { name: migration.name, appliedAt: "" }],
    });
    if (replayed.ok) {
      const index = onlyCandidate(migration, failure.message);
      return index === null ? failure : { ...failure, index };
    }
    if (replayed.name !== migration.name || replayed.message !== failure.message) return failure;
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

/** Counts the rows that made a statement fail. If the failed statement is unknown, it is the first one with such rows. */
export async function countOffending(
  d1: D1Database,
  failure: Failure,
  { migration, history, openMemory }: FailedMigration,
): Promise<Failure> {
  if (failure.kind !== "statement" || !OF_ROWS.test(failure.message)) return failure;
  // A deferred foreign key may be violated temporarily.
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

const MOST = 500;
