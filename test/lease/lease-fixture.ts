import { onTestFinished } from "vitest";
import { openMemory } from "../../src/database/memory.ts";
import type { D1Database } from "../../src/database/port.ts";
import type { LeaseRequest } from "../../src/lease/lease.ts";
import { type Claim, readRuns, type Run } from "../../src/lease/runs.ts";
import { OpsError } from "../../src/report/error.ts";

export interface LeaseFixture {
  readonly d1: D1Database;
  /** The request of a runner. It does not really wait: `slept` has the waits. */
  request(over?: Partial<Omit<LeaseRequest, "claim">>, claim?: Partial<Claim>): LeaseRequest;
  readonly slept: number[];
  /** The runner's own clock. It advances by waits and by what a test adds. */
  advanceClock(ms: number): void;
  /** Lets time pass for the database, by making everything that it has recorded older. */
  ageRecords(seconds: number): Promise<void>;
  runs(): Promise<Run[]>;
}

let claims = 0;

export function leaseFixture(): LeaseFixture {
  const { d1, close } = openMemory();
  onTestFinished(close);
  const slept: number[] = [];
  // Only differences of this clock have a meaning, so it does not begin with zero.
  let time = 5_000_000;
  return {
    d1,
    slept,
    request(over = {}, claim = {}) {
      claims += 1;
      return {
        d1,
        claim: {
          command: "migrate apply",
          holder: "zoe@example (process 1)",
          tool: "d1ops 0.0.0",
          commit: null,
          nonce: `nonce ${claims}`,
          leaseSeconds: 60,
          ...claim,
        },
        bookmark: async () => "0000-bookmark",
        waitMs: 0,
        now: () => time,
        sleep: async (ms) => {
          slept.push(ms);
          time += ms;
        },
        onWait: () => {},
        ...over,
      };
    },
    advanceClock(ms) {
      time += ms;
    },
    async ageRecords(seconds) {
      const older = (column: string): string =>
        `${column} = strftime('%Y-%m-%dT%H:%M:%fZ', ${column}, '-${seconds} seconds')`;
      await d1
        .prepare(
          `UPDATE d1ops_runs SET ${older("started_at")}, ${older("expires_at")}, ${older("ended_at")}`,
        )
        .run();
    },
    runs: () => readRuns(d1, 100),
  };
}

/** A database whose answers are lost: each of the next `times` batches is executed, or not, and its answer is lost. */
export function losingAnswers(d1: D1Database, when: "before" | "after", times: number): D1Database {
  let left = times;
  return {
    ...d1,
    async batch<T>(statements: Parameters<D1Database["batch"]>[0]) {
      left -= 1;
      if (left < 0) return d1.batch<T>(statements);
      if (when === "after") await d1.batch<T>(statements);
      throw new OpsError(
        "OUTCOME_UNKNOWN",
        { status: null, reason: "lost" },
        { message: "The answer was lost.", hint: "" },
      );
    },
  };
}
