/**
 * The end of a run: lets go of the lease, and reads what stands, in one request.
 * @module
 */
import type { D1Database } from "../database/port.ts";
import type { Lease } from "../lease/lease.ts";
import { OpsError } from "../report/error.ts";
import { type DefinitionRow, definitionsStatement } from "../schema/identical.ts";
import { type Applied, historyOf, ledgerStatements, readLedger } from "./ledger.ts";

export interface Standing {
  readonly applied: readonly Applied[];
  readonly definitions: readonly DefinitionRow[];
}

type Row = Record<string, unknown>;

/** Ending a run twice is ending it once, so that it is asked again where the answer was lost. */
export async function closeRun(
  d1: D1Database,
  table: string,
  lease: Lease | null,
  ending: string,
): Promise<Standing> {
  const end = lease === null ? [] : [lease.end(ending)];
  try {
    const answers = await insist(() =>
      d1.batch<Row>([...end, ...ledgerStatements(d1, table), definitionsStatement(d1)]),
    );
    const [rows, records, definitions] = answers.slice(end.length).map(({ results }) => results);
    return { applied: historyOf(rows ?? [], records ?? []), definitions: definitions ?? [] };
  } catch (error) {
    if (error instanceof OpsError) throw error;
    // Nothing was recorded yet, so that a table is missing, and the batch ended nothing.
    if (end.length > 0) await insist(() => d1.batch(end));
    const applied = await readLedger(d1, table);
    return { applied, definitions: (await definitionsStatement(d1).all()).results };
  }
}

async function insist<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      const lost = error instanceof OpsError && error.code === "OUTCOME_UNKNOWN";
      if (!lost || attempt === 3) throw error;
    }
  }
}
