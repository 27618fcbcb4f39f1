/** @module Allows one run at a time: takes the lease, waits for it, renews it and releases it. */
import type { D1Database, D1PreparedStatement } from "../database/port.ts";
import { untilKnown } from "../failure/retry.ts";
import { command, offer } from "../report/command.ts";
import { OpsError } from "../report/error.ts";
import {
  type Claim,
  claimBatch,
  endStatement,
  guardBatch,
  readRuns,
  type Run,
  type RunRow,
  runsOf,
} from "./runs.ts";

/** The lease as its holder uses it. */
export interface Lease {
  /** The id of the run. */
  readonly run: number;
  /** The fencing token. */
  readonly nonce: string;
  readonly bookmark: string | null;
  /** ISO 8601, UTC, by the database's clock. */
  readonly startedAt: string;
  /** The first statements of every batch of the run; `last` is the name of what the batch does. */
  guard(last: string): D1PreparedStatement[];
  /** Renews the lease if no batch has done so for a third of its duration. If that fails, the next batch fails too. */
  beat(): Promise<void>;
  /** Whether this run still holds the lease, and what it did last. One read. */
  look(): Promise<{ readonly holds: boolean; readonly last: string | null }>;
  /** The statement that ends the run, for a last batch. */
  end(ending: string): D1PreparedStatement;
}

export interface LeaseRequest {
  readonly d1: D1Database;
  readonly claim: Claim;
  /** Reads the bookmark to go back to. Called before each attempt, because other runs write during the wait. */
  readonly bookmark: () => Promise<string | null>;
  /** How long to wait for another run, in milliseconds. */
  readonly waitMs: number;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Whether the process of the run with this nonce has ended. Default: only an expired lease shows that. */
  readonly isDead?: (nonce: string) => boolean;
  /** Called once, with the run that holds the lease. */
  readonly onWait: (holder: Run) => void;
}

/** Frequent at first, because most runs are short. */
const LOOK_AFTER_MS = [250, 500, 1000, 2000] as const;

/** @throws OpsError LEASE_HELD if another run holds the lease for longer than `waitMs`; LEASE_LOST; those of the database */
export async function takeLease(request: LeaseRequest): Promise<Lease> {
  const { d1, claim, waitMs, now, sleep, onWait } = request;
  const began = now();
  let looks = 0;
  let dead: string | null = null;
  for (;;) {
    const bookmark = await request.bookmark();
    // With the same nonce, a claim whose answer was lost counts once.
    const answers = await untilKnown(sleep, async () =>
      d1.batch<RunRow>(claimBatch(d1, claim, bookmark, dead)),
    );
    const runs = runsOf(answers.at(-1)?.results ?? []);
    const own = runs.find(({ nonce }) => nonce === claim.nonce);
    if (own !== undefined && !own.holds) throw leaseLost(own.id);
    if (own !== undefined) return leaseOf(d1, claim, own, now);
    for (let holder = runs[0]; holder !== undefined; holder = await holderNow(d1)) {
      if (holder.nonce !== dead && request.isDead?.(holder.nonce) === true) {
        dead = holder.nonce;
        break;
      }
      const waited = now() - began;
      if (waited >= waitMs) throw held(holder, waited);
      if (looks === 0) onWait(holder);
      const rest = LOOK_AFTER_MS[Math.min(looks, LOOK_AFTER_MS.length - 1)] ?? 2000;
      looks += 1;
      await sleep(Math.min(rest, waitMs - waited));
    }
  }
}

async function holderNow(d1: D1Database): Promise<Run | undefined> {
  const runs = await readRuns(d1, 5);
  return runs.find(({ holds }) => holds);
}

function leaseOf(d1: D1Database, claim: Claim, own: Run, now: () => number): Lease {
  const { id, nonce, bookmark, startedAt } = own;
  const { leaseSeconds } = claim;
  let renewed = now();
  return {
    run: id,
    nonce,
    bookmark,
    startedAt,
    guard(last) {
      renewed = now();
      return guardBatch(d1, nonce, leaseSeconds, last);
    },
    async beat() {
      if (now() - renewed < (leaseSeconds * 1000) / 3) return;
      renewed = now();
      await d1.batch(guardBatch(d1, nonce, leaseSeconds, null));
    },
    async look() {
      const run = (await readRuns(d1, 50)).find((one) => one.nonce === nonce);
      return { holds: run?.holds ?? false, last: run?.last ?? null };
    },
    end: (ending) => endStatement(d1, nonce, ending),
  };
}

function held(run: Run, waitedMs: number): OpsError {
  const { id, holder, startedAt, expiresAt } = run;
  return new OpsError(
    "LEASE_HELD",
    { run: id, holder, since: startedAt, expiresAt, waitedMs: Math.round(waitedMs) },
    {
      message: `Another run holds the lease of this database: ${holder} runs \`${run.command}\` (run ${id}, since ${startedAt}).`,
      hint: [
        offer("To wait for it", command("migrate apply", "--lock-timeout", "300")),
        "If that run is dead, a run on the same machine takes over at once. On another machine, its lease expires a minute after its last sign of life.",
        offer("To look at it", command("migrate lock", "--remote")),
        offer("To end it", command("migrate lock", "--remote", "--release")),
      ].join("\n"),
    },
  );
}

export function leaseLost(run: number): OpsError {
  const message = `This run (${run}) has lost its lease: the lease expired, or another command released it. d1ops wrote nothing after that.`;
  const hint = `${offer("To see what is applied", command("migrate status", "--remote"))}\nThen run the same command again.`;
  return new OpsError("LEASE_LOST", { run }, { message, hint });
}
