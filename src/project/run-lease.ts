/**
 * The lease of a run on a remote database: taken, kept alive while the run works, and left to {@link closeRun} to end.
 * @module
 */
import type { Database } from "../database/port.ts";
import { isMarkOfDeadProcess, withMark } from "../files/process.ts";
import { type Lease, takeLease } from "../lease/lease.ts";
import type { Author } from "../migrations/ledger.ts";
import { readBookmark } from "./bookmark.ts";
import type { BookmarkOptions, WriteOptions } from "./project-options.ts";
import type { Project } from "./project.ts";
import { secondsOf } from "./seconds.ts";

export interface Held {
  /** Null for a local database: there SQLite's own lock keeps two runners apart. */
  readonly lease: Lease | null;
  /** Ends the signs of life; the lease itself ends with the run. */
  stop(): void;
}

export const NO_LEASE: Held = { lease: null, stop() {} };

/** `early` is a bookmark that was asked for before, and is good for the first attempt. @throws OpsError LEASE_HELD, INTERRUPTED, and those of the database */
export async function holdLease(
  project: Project<WriteOptions & BookmarkOptions>,
  database: Database,
  author: Author,
  early: Promise<string | null> | null = null,
): Promise<Held> {
  if (database.target.place === "local") return NO_LEASE;
  const { verb: command, options, clock, sleep } = project;
  const { lockTimeout = LOCK_TIMEOUT, onWait } = options;
  const seconds = leaseSeconds(project);
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
      const asked = unused ?? readBookmark(project, database);
      unused = null;
      return asked;
    },
    isDead: isMarkOfDeadProcess,
    waitMs: lockTimeout * 1000,
    now: () => clock.now(),
    sleep,
    onWait: ({ holder, command: theirs, expiresAt }) =>
      onWait?.(lockTimeout * 1000, `${holder}, who runs \`${theirs}\` (lease until ${expiresAt})`),
  });
  const beats = setInterval(() => void lease.beat().catch(() => {}), (seconds * 1000) / 4);
  beats.unref();
  return { lease, stop: () => clearInterval(beats) };
}

/** Seconds. */
const LOCK_TIMEOUT = 60;

const LEASE_SECONDS = 60;

/** How long a run may be silent. @throws OpsError USAGE */
export function leaseSeconds({ variables }: Pick<Project, "variables">): number {
  return secondsOf(variables, "D1OPS_LEASE_SECONDS", LEASE_SECONDS);
}
