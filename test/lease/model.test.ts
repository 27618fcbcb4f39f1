import * as fc from "fast-check";
import { expect, test } from "vitest";
import { openMemory } from "../../src/database/memory.ts";
import type { D1Database } from "../../src/database/port.ts";
import { type Lease, takeLease } from "../../src/lease/lease.ts";
import { endStatement, readRuns } from "../../src/lease/runs.ts";
import { OpsError } from "../../src/report/error.ts";
import { virtualClock } from "../cloudflare/virtual-clock.ts";

/** An act of a runner, or an event of the runner that has the lease. */
const ACTS = ["take", "write", "write", "beat", "end", "expires", "is released"] as const;

interface Step {
  readonly who: number;
  readonly act: (typeof ACTS)[number];
}

const steps = fc.array(
  fc.record<Step>({ who: fc.integer({ min: 0, max: 3 }), act: fc.constantFrom(...ACTS) }),
  { minLength: 1, maxLength: 40 },
);

let nonces = 0;

function claimOf(who: number) {
  nonces += 1;
  return {
    command: "migrate apply",
    holder: `runner ${who}`,
    tool: "d1ops 0.0.0",
    commit: null,
    nonce: `nonce ${nonces}`,
    leaseSeconds: 60,
  };
}

const CREATE = "CREATE TABLE log(n INTEGER PRIMARY KEY, run INTEGER)";

async function write(d1: D1Database, lease: Lease): Promise<void> {
  await d1.batch([
    ...lease.guard("work"),
    d1.prepare("INSERT INTO log(run) VALUES (?)").bind(lease.run),
  ]);
}

async function succeeds(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof OpsError) expect(error.code).toBe("LEASE_HELD");
    else expect(String(error)).toMatch(/D1_ERROR: malformed JSON/);
    return false;
  }
}

test("the lease lets only the run that took it last write, in any order of claims, pauses, writes and endings", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (plan) => {
      const { d1, close } = openMemory();
      await d1.prepare(CREATE).run();
      const leases = new Map<number, Lease>();
      let time = 0;
      /** The expected state: the id of the run that has the lease, and all runs that have begun. */
      let holder: number | null = null;
      let begun = 0;
      const expected: number[] = [];

      const act = async ({ who, act: what }: Step): Promise<void> => {
        const lease = leases.get(who);
        if (what === "take") {
          const taking = takeLease({
            d1,
            claim: claimOf(who),
            bookmark: async () => null,
            waitMs: 0,
            now: () => (time += 30_000),
            sleep: async () => {},
            onWait: () => {},
          });
          const taken = await succeeds(async () => leases.set(who, await taking));
          expect(taken).toBe(holder === null);
          if (!taken) return;
          begun += 1;
          holder = leases.get(who)?.run ?? -1;
          expect(holder).toBe(begun);
        } else if (what === "expires" || what === "is released") {
          if (holder === null) return;
          const ended =
            what === "expires"
              ? d1
                  .prepare(
                    "UPDATE d1ops_runs SET expires_at = '2000-01-01T00:00:00.000Z' WHERE id = ?",
                  )
                  .bind(holder)
              : endStatement(d1, nonceOf(leases, holder), "released by a user");
          await ended.run();
          holder = null;
        } else if (lease !== undefined) {
          const mine = lease.run === holder;
          if (what === "end") {
            await d1.batch([lease.end("done")]);
            if (mine) holder = null;
          } else {
            const work = what === "beat" ? () => lease.beat() : () => write(d1, lease);
            expect(await succeeds(work)).toBe(mine);
            if (mine && what === "write") expected.push(lease.run);
          }
        }
      };
      for (const step of plan) {
        await act(step);
        const holding = (await readRuns(d1, 100)).filter(({ holds }) => holds).map(({ id }) => id);
        expect(holding).toEqual(holder === null ? [] : [holder]);
      }
      const { results } = await d1.prepare("SELECT run FROM log ORDER BY n").all<{ run: number }>();
      const runs = results.map(({ run }) => run);
      expect(runs).toEqual(expected);
      // A runner that lost the lease never writes after another has begun.
      expect(runs).toEqual(runs.toSorted((a, b) => a - b));
      close();
    }),
    { numRuns: 150, seed: 3 },
  );
});

test("the lease lets each of several concurrent runners do all of its work before the next begins", async () => {
  const work = fc.array(fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 4 }), {
    minLength: 2,
    maxLength: 5,
  });
  await fc.assert(
    fc.asyncProperty(work, async (runners) => {
      const { d1, close } = openMemory();
      await d1.prepare(CREATE).run();
      const clock = virtualClock();
      const counts = new Map<number, number>();
      await Promise.all(
        runners.map(async (pauses, who) => {
          const lease = await takeLease({
            d1,
            claim: claimOf(who),
            bookmark: async () => null,
            waitMs: 600_000,
            now: () => clock.now(),
            sleep: async (ms) => clock.sleep(ms),
            onWait: () => {},
          });
          counts.set(lease.run, pauses.length);
          for (const pause of pauses) {
            await clock.sleep(pause);
            await write(d1, lease);
          }
          await d1.batch([lease.end("done")]);
        }),
      );
      const { results } = await d1.prepare("SELECT run FROM log ORDER BY n").all<{ run: number }>();
      const blocks = Array.from({ length: runners.length }, (_, i) =>
        Array.from({ length: counts.get(i + 1) ?? -1 }, () => i + 1),
      );
      expect(results.map(({ run }) => run)).toEqual(blocks.flat());
      close();
    }),
    { numRuns: 40, seed: 4 },
  );
});

function nonceOf(leases: ReadonlyMap<number, Lease>, run: number): string {
  return [...leases.values()].find((one) => one.run === run)?.nonce ?? "";
}
