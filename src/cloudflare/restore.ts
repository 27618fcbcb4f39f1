/**
 * Takes a database back to a moment: in place, all of it, and whatever is under way is cancelled. It is undone by a
 * restore to the bookmark before it.
 *
 * What became of a restore whose answer was lost is read. With P the bookmark just before it:
 * - the current bookmark is still P, after several looks: nothing has happened, and it is asked for again;
 * - it is the one asked for: it was done (so the documentation shows it; the API's schema speaks of a new one);
 * - it is another: it was done, or somebody has written. A bookmark does not say of what it is the state, and asking
 *   again would answer with a previous bookmark that says it as little, and would destroy what was written since. Only
 *   the content can tell: `isRestored` looks at something of which the caller knows that it differs, such as a row of
 *   the ledger. Without it the outcome is unknown, and P is named as the way back.
 * @module
 */
import type { TimeTravelRestoreResponse } from "cloudflare/resources/d1/database";
import { OpsError } from "../report/error.ts";
import { pause } from "../failure/clock.ts";
import { isLost } from "../failure/kind.ts";
import type { RemoteD1 } from "./d1.ts";
import { outcomeUnknown, transferFailed } from "./transfer.ts";
import { type Moment, timeTravelInfo } from "./time-travel.ts";

export interface RestoreOptions {
  /** What the clock says. */
  readonly now?: number;
  /** Asked where an answer was lost: does the content say that it was restored? True, false; null: it does not say. */
  readonly isRestored?: () => Promise<boolean | null>;
}

export interface Restored {
  /** The moment that the database was taken back to. */
  readonly to: string;
  /** What the service calls the state after it. */
  readonly bookmark: string;
  /** The way back: restoring to it undoes this. */
  readonly undo: string;
  /** False where `undo` is the bookmark just before, for the service's answer was lost: a write in between is not in it. */
  readonly undoIsExact: boolean;
}

/** So often a restore is asked for that is lost each time: the service allows ten in ten minutes. */
const TRIES = 3;

/** Waits before each look at what has become of it. */
const LOOKS_MS = [1000, 2000, 4000];

/** @throws OpsError USAGE before any call, RATE_LIMITED, OUTCOME_UNKNOWN, TRANSFER_FAILED, and those of the API */
export async function restoreTo(
  remote: RemoteD1,
  target: { readonly bookmark: string } | { readonly at: Moment },
  options: RestoreOptions = {},
): Promise<Restored> {
  // A time is made a bookmark first, so that every try means the same moment.
  const to =
    "bookmark" in target
      ? target.bookmark
      : (await timeTravelInfo(remote, target.at, options.now)).bookmark;
  for (let made = 0; made < TRIES; made += 1) {
    const before = await remote.bookmark();
    try {
      const said = await restore(remote, to);
      return {
        to,
        bookmark: said?.bookmark ?? (await remote.bookmark()),
        undo: said?.previous_bookmark ?? before,
        undoIsExact: said?.previous_bookmark !== undefined,
      };
    } catch (error) {
      if (!isLost(error)) throw tooMany(error);
      const bookmark = await settle(remote, { to, before, lost: error }, options);
      if (bookmark !== null) return { to, bookmark, undo: before, undoIsExact: false };
    }
  }
  throw transferFailed("no answer", {
    message: `Cloudflare was asked ${TRIES} times to restore the database, and did not answer. The database is as it was.`,
    hint: "Try again in a while; https://www.cloudflarestatus.com tells what is known.",
  });
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

/** The bookmark after it; null: nothing has happened. */
async function settle(
  remote: RemoteD1,
  { to, before, lost }: { readonly to: string; readonly before: string; readonly lost: Error },
  { isRestored = async () => null }: RestoreOptions,
): Promise<string | null> {
  const { clock, signal } = remote.api;
  for (const wait of LOOKS_MS) {
    await pause(clock, wait, signal);
    const now = await remote.bookmark();
    if (now === before) continue;
    const done = now === to ? true : await isRestored();
    if (done === true) return now;
    if (done === false) continue;
    const text = {
      message: `Cloudflare was asked to restore the database to bookmark ${to}, and the answer was lost. The database has changed since: it was restored, or somebody has written.`,
      hint: `Look at its content before you do anything. The state before is the bookmark ${before}: a restore to it undoes this one, if it was done.`,
    };
    throw outcomeUnknown(lost.message, text, lost);
  }
  return null;
}

/** Ten in ten minutes and database, beside the limit on all calls: the answer does not say which was met. */
function tooMany(error: unknown): unknown {
  if (!(error instanceof OpsError) || error.code !== "RATE_LIMITED") return error;
  return new OpsError(
    "RATE_LIMITED",
    { retryAfterSeconds: 600 },
    {
      message: `Cloudflare did not restore the database: ${error.message} It allows 10 restores of one database in 10 minutes.`,
      hint: "Try again in 10 minutes. Nothing was changed.",
    },
    { cause: error },
  );
}
