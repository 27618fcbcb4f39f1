/** @module Sends the batches of a run one after the other, each exactly once, also if answers are lost or batches arrive late. */
import type { D1Database, D1PreparedStatement } from "../database/port.ts";
import { failureOf } from "../failure/kind.ts";
import { ATTEMPTS, backOff, retry } from "../failure/retry.ts";
import { type Lease, leaseLost } from "./lease.ts";
import { RUNS } from "./runs.ts";

export interface ExactlyOnce {
  readonly d1: D1Database;
  /** No one else may send batches of this run. */
  readonly lease: Lease;
  /** Milliseconds. */
  readonly sleep: (ms: number) => Promise<void>;
}

/**
 * Every batch records its number in the row of the run, and fails unless the batch before it is recorded there. So a repeated batch cannot
 * run twice, and one that arrives late cannot undo a later one.
 * @throws D1's refusal, OpsError LEASE_LOST, INTERRUPTED, and those of the database
 */
export function exactlyOnce({
  d1,
  lease,
  sleep,
}: ExactlyOnce): (what: string, statements: readonly D1PreparedStatement[]) => Promise<void> {
  let before: string | null | undefined;
  let number = 0;
  return async (what, statements) => {
    number += 1;
    before ??= (await lease.look()).last;
    const name = `${number}: ${what}`;
    const batch = [follows(d1, lease.nonce, before), ...lease.guard(name), ...statements];
    await retry(async () => void (await d1.batch(batch)), {
      sleep,
      async after(error, made) {
        const kind = failureOf(error)?.kind;
        if (kind === undefined || kind === "not done") throw error;
        const { holds, last } = await lease.look();
        // An earlier attempt was carried out.
        if (last === name) return { answer: undefined };
        if (!holds) throw leaseLost(lease.run);
        if (kind === "refused" || made === ATTEMPTS) throw error;
        return { waitMs: backOff(made) };
      },
    });
    before = name;
  };
}

function follows(d1: D1Database, nonce: string, before: string | null): D1PreparedStatement {
  return d1
    .prepare(
      `SELECT CASE WHEN EXISTS (SELECT 1 FROM ${RUNS} WHERE nonce = ? AND last IS ?)
  THEN 1 ELSE json('a batch of this run arrived late') END AS follows`,
    )
    .bind(nonce, before);
}
