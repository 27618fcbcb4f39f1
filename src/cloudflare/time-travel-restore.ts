/**
 * Restores a whole database in place to an earlier moment. Queries in progress are cancelled. A restore to the bookmark
 * before it undoes the restore.
 *
 * If the answer to a restore is lost, d1ops reads the outcome. Let P be the bookmark just before the restore:
 * - The current bookmark is still P after several checks: nothing has happened, so d1ops repeats the restore.
 * - It is the requested bookmark: the restore was done. The documentation shows this; the API's schema names a new one.
 * - It is another bookmark: the restore was done, or another program has written. A bookmark does not identify its
 *   content, and a repeated restore would destroy what was written since. Only the content shows the outcome:
 *   `isRestored` checks something that the caller knows to differ, such as a row of the ledger. Without it the outcome
 *   is unknown, and the error names P as the way back.
 * @module
 */
import type { TimeTravelRestoreResponse } from "cloudflare/resources/d1/database";
import { OpsError } from "../report/error.ts";
import { pause } from "../failure/clock.ts";
import { isAnswerLost } from "../failure/kind.ts";
import type { RemoteD1 } from "./d1.ts";
import { neverAnswered, outcomeUnknown } from "./transfer.ts";
import { type Moment, timeTravelInfo } from "./time-travel.ts";

export interface RestoreOptions {
  /** The current time, in milliseconds since 1970. */
  readonly now?: number;
  /** Called after a lost answer: whether the content shows that the database was restored; null if it does not show it. */
  readonly isRestored?: () => Promise<boolean | null>;
}

export interface Restored {
  /** The bookmark that the database was restored to. */
  readonly to: string;
  /** The service's bookmark of the state after the restore. */
  readonly bookmark: string;
  /** A restore to this bookmark undoes this one. */
  readonly undo: string;
  /** False if the answer was lost: `undo` is then the bookmark that d1ops read before, without a write in between. */
  readonly undoIsExact: boolean;
}

/** How often d1ops sends a restore whose answer is lost each time. The service allows ten in ten minutes. */
const TRIES = 3;

/** Waits before each check of the outcome. */
const CHECKS_MS = [1000, 2000, 4000];

/** @throws OpsError USAGE before any call, RATE_LIMITED, OUTCOME_UNKNOWN, TRANSFER_FAILED, and those of the API */
export async function restoreTo(
  remote: RemoteD1,
  target: { readonly bookmark: string } | { readonly at: Moment },
  options: RestoreOptions = {},
): Promise<Restored> {
  // Converts a time to a bookmark first, so that every attempt restores the same moment.
  const to =
    "bookmark" in target
      ? target.bookmark
      : (await timeTravelInfo(remote, target.at, options.now)).bookmark;
  for (let made = 0; made < TRIES; made += 1) {
    const before = await remote.bookmark();
    try {
      const result = await restore(remote, to);
      return {
        to,
        bookmark: result?.bookmark ?? (await remote.bookmark()),
        undo: result?.previous_bookmark ?? before,
        undoIsExact: result?.previous_bookmark !== undefined,
      };
    } catch (error) {
      if (!isAnswerLost(error)) throw tooMany(error);
      const bookmark = await findOutcome(remote, { to, before, lost: error }, options);
      if (bookmark !== null) return { to, bookmark, undo: before, undoIsExact: false };
    }
  }
  throw neverAnswered("restore the database", TRIES);
}

async function restore(
  remote: RemoteD1,
  bookmark: string,
): Promise<TimeTravelRestoreResponse | undefined> {
  const { result } = await remote.call<TimeTravelRestoreResponse | null>(
    "write",
    `restore the database to ${bookmark}`,
    (sdk, options, account) =>
      sdk.d1.database.timeTravel.restore(remote.id, { ...account, bookmark }, options),
  );
  return result ?? undefined;
}

/** The bookmark after the restore; null if nothing has happened. */
async function findOutcome(
  remote: RemoteD1,
  { to, before, lost }: { readonly to: string; readonly before: string; readonly lost: Error },
  { isRestored = async () => null }: RestoreOptions,
): Promise<string | null> {
  const { clock, signal } = remote.api;
  for (const wait of CHECKS_MS) {
    await pause(clock, wait, signal);
    const now = await remote.bookmark();
    if (now === before) continue;
    const done = now === to ? true : await isRestored();
    if (done === true) return now;
    if (done === false) continue;
    const text = {
      message: `d1ops asked Cloudflare to restore the database to bookmark ${to}, and the answer was lost. The database has changed since: it was restored, or another program has written.`,
      hint: `Check its content before you do anything else. The state before is the bookmark ${before}: a restore to it undoes this one, if it was done.`,
    };
    throw outcomeUnknown(lost.message, text, lost);
  }
  return null;
}

/** Cloudflare allows ten restores of a database in ten minutes, besides the limit for all calls. The answer does not say which limit was reached. */
function tooMany(error: unknown): unknown {
  if (!(error instanceof OpsError) || error.code !== "RATE_LIMITED") return error;
  const text = {
    message: `Cloudflare did not restore the database: ${error.message} It allows 10 restores of one database in 10 minutes.`,
    hint: "Try again in 10 minutes. Nothing was changed.",
  };
  return new OpsError("RATE_LIMITED", { retryAfterSeconds: 600 }, text, { cause: error });
}
