/** @module The lease of a run on a remote database. The run renews it until `closeRun` of `migrations/close.ts` ends it. */
import type { Variables } from "../config/variables.ts";
import type { Database } from "../database/port.ts";
import { type Lease, takeLease } from "../lease/lease.ts";
import { readBookmark } from "./way-back.ts";
import type { BookmarkOptions, WriteOptions } from "./project-options.ts";
import type { Project } from "./project.ts";
import { runnerOf } from "./runner.ts";
import { secondsOf } from "./seconds.ts";

interface LeaseRequest {
  readonly database: Database;
  /** A bookmark that was already requested. Only the first attempt may use it. */
  readonly early: Promise<string | null> | null;
  /** The lease expires after so many seconds without a renewal: {@link leaseSecondsFrom}. */
  readonly leaseSeconds: number;
}

/**
 * Runs `body` under the lease, and renews the lease meanwhile. The end of the run ends the lease itself. `body` receives null for a
 * local database, which SQLite's own lock protects.
 * @throws OpsError LEASE_HELD, INTERRUPTED, and those of the database
 */
export async function withLease<T>(
  project: Project<WriteOptions & BookmarkOptions>,
  request: LeaseRequest,
  body: (lease: Lease | null) => Promise<T>,
): Promise<T> {
  if (request.database.target.place === "local") return body(null);
  const lease = await acquireLease(project, request);
  const beats = setInterval(
    () => void lease.beat().catch(() => {}),
    (request.leaseSeconds * 1000) / 4,
  ).unref();
  try {
    return await body(lease);
  } finally {
    clearInterval(beats);
  }
}

async function acquireLease(
  project: Project<WriteOptions & BookmarkOptions>,
  { database, early, leaseSeconds }: LeaseRequest,
): Promise<Lease> {
  const { verb: command, options, now, sleep } = project;
  const { lockTimeout = LOCK_TIMEOUT_SECONDS, onWait } = options;
  const { author, holder, token: nonce, isDead } = runnerOf(project);
  const { tool, commit } = author;
  let requested = early;
  return takeLease({
    d1: database.d1,
    claim: { command, holder, tool, commit, nonce, leaseSeconds },
    bookmark: async () => {
      const bookmark = requested ?? readBookmark(project, database);
      requested = null;
      return bookmark;
    },
    isDead,
    waitMs: lockTimeout * 1000,
    now,
    sleep,
    onWait: (other) =>
      onWait?.(
        lockTimeout * 1000,
        `${other.holder} runs \`${other.command}\` (lease until ${other.expiresAt})`,
      ),
  });
}

const LOCK_TIMEOUT_SECONDS = 60;

const LEASE_SECONDS = 60;

/** From `D1OPS_LEASE_SECONDS`. @throws OpsError USAGE */
export function leaseSecondsFrom(variables: Variables): number {
  return secondsOf(variables, "D1OPS_LEASE_SECONDS", LEASE_SECONDS);
}
