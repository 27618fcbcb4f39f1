/**
 * The lease of a run on a remote database: taken, kept alive while the run works, and left to {@link closeRun} to end.
 * @module
 */
import { pause, realClock } from "../failure/clock.ts";
import type { Database } from "../database/port.ts";
import { isMarkOfDead, withMark } from "../files/process.ts";
import { type Lease, takeLease } from "../lease/lease.ts";
import type { Author } from "../migrations/batch.ts";
import type { Verb } from "../report/command.ts";
import { type BookmarkOptions, readBookmark } from "./bookmark.ts";
import type { WriteOptions } from "./options.ts";
import { variablesOf } from "./open.ts";
import { secondsOf } from "./seconds.ts";

export interface Held {
  /** Null for a local database: there SQLite's own lock keeps two runners apart. */
  readonly lease: Lease | null;
  /** Ends the signs of life; the lease itself ends with the run. */
  stop(): void;
}

/** `early` is a bookmark that was asked for before, and is good for the first attempt. @throws OpsError LEASE_HELD, INTERRUPTED, and those of the database */
export async function holdLease(
  command: Verb,
  database: Database,
  author: Author,
  options: WriteOptions & BookmarkOptions,
  early: Promise<string | null> | null = null,
): Promise<Held> {
  if (database.target.place === "local") return { lease: null, stop() {} };
  const clock = options.clock ?? realClock;
  const seconds = leaseSeconds(options);
  let unused = early;
  const lease = await takeLease({
    d1: database.d1,
    claim: {
      command,
      holder: `${author.appliedBy ?? "unknown"} (process ${process.pid})`,
      tool: author.tool,
      commit: author.commit,
      nonce: withMark(crypto.randomUUID()),
      leaseSeconds: seconds,
    },
    bookmark: async () => {
      const asked = unused ?? readBookmark(command, database, options);
      unused = null;
      return asked;
    },
    isDead: isMarkOfDead,
    waitMs: (options.lockTimeout ?? LOCK_TIMEOUT) * 1000,
    now: () => clock.now(),
    sleep: (ms) => pause(clock, ms, options.signal),
    onWait: ({ holder, command: theirs, expiresAt }) =>
      options.onWait?.(
        (options.lockTimeout ?? LOCK_TIMEOUT) * 1000,
        `${holder}, who runs \`${theirs}\` (lease until ${expiresAt})`,
      ),
  });
  const beats = setInterval(() => void lease.beat().catch(() => {}), (seconds * 1000) / 4);
  beats.unref();
  return { lease, stop: () => clearInterval(beats) };
}

/** Seconds. */
const LOCK_TIMEOUT = 60;

const LEASE_SECONDS = 60;

/** How long a run may be silent. @throws OpsError USAGE */
export function leaseSeconds(options: WriteOptions): number {
  return secondsOf(variablesOf(options), "D1OPS_LEASE_SECONDS", LEASE_SECONDS);
}
