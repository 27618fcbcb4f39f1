/** @module Ends a run: releases the lease and reads the final state, in one request. */
import { untilKnown } from "../failure/retry.ts";
import { OpsError } from "../report/error.ts";
import { type DefinitionRow, definitionsStatement } from "../schema/identical.ts";
import { type Applied, historyOf, ledgerStatements, readLedger } from "./ledger.ts";
import type { ApplyRequest } from "./migration-run.ts";

export interface FinalState {
  readonly applied: readonly Applied[];
  readonly definitions: readonly DefinitionRow[];
}

export interface CloseRequest extends Pick<ApplyRequest, "d1" | "table" | "lease"> {
  readonly ending: string;
  /** Ctrl-C does not end this wait, because the run has ended. */
  readonly sleep: ApplyRequest["sleep"];
}

/** Closes the run. Closing is idempotent, so d1ops retries it after a lost answer. */
export async function closeRun(request: CloseRequest): Promise<FinalState> {
  const { d1, table, lease, ending, sleep } = request;
  const end = lease === null ? [] : [lease.end(ending)];
  try {
    const answers = await untilKnown(sleep, async () =>
      d1.batch<DefinitionRow>([...end, ...ledgerStatements(d1, table), definitionsStatement(d1)]),
    );
    const [rows, records, definitions] = answers.slice(end.length).map(({ results }) => results);
    return { applied: historyOf(table, rows ?? [], records ?? []), definitions: definitions ?? [] };
  } catch (error) {
    if (error instanceof OpsError) throw error;
    // If nothing was recorded yet, a ledger is missing, so the batch failed and did not end the lease.
    if (end.length > 0) await untilKnown(sleep, async () => d1.batch(end));
    const applied = await readLedger(d1, table);
    return { applied, definitions: (await definitionsStatement(d1).all()).results };
  }
}
