/** @module Measures all objects of an inventory with one batch, and checks the database in it. */
import type { D1Database } from "../database/port.ts";
import { refusalOf } from "../failure/kind.ts";
import { hasCode } from "../report/error.ts";
import type { PlannedObject } from "./plan-inventory.ts";

export interface Figures {
  readonly rows: number | null;
  /** The highest value of the timestamp column. */
  readonly last: unknown;
  /** The average bytes of a row. Null if they were not sampled, or there is no row. */
  readonly rowBytes: number | null;
  /** D1's message, if it rejected the query. */
  readonly error: string | null;
}

export interface Measured {
  /** By the name of the object. Objects without rows of their own are missing. */
  readonly figures: ReadonlyMap<string, Figures>;
  /** The lines of `PRAGMA quick_check`, or D1's message. Null if it was not to be run. */
  readonly quickCheck: readonly string[] | null;
}

export interface Measurement {
  readonly d1: D1Database;
  readonly planned: readonly PlannedObject[];
  /** True: also samples the bytes of rows. */
  readonly samples: boolean;
  readonly quickCheck: boolean;
}

export const QUICK_CHECK = "PRAGMA quick_check";

export const NOT_MEASURED: Measured = { figures: new Map(), quickCheck: null };

/** If D1 rejects one of the queries, each is sent by itself, because the batch does not always say which. */
export async function measureObjects(measurement: Measurement): Promise<Measured> {
  const counted = measurement.planned.filter(({ query }) => query !== null);
  try {
    return await measure(measurement, counted, measurement.quickCheck);
  } catch (error) {
    requireReason(error);
  }
  const figures = new Map<string, Figures>();
  for (const one of counted) figures.set(one.name, await measureOne(measurement, one));
  return { figures, quickCheck: measurement.quickCheck ? await checkAlone(measurement) : null };
}

async function measureOne(measurement: Measurement, one: PlannedObject): Promise<Figures> {
  try {
    const { figures } = await measure(measurement, [one], false);
    return figures.get(one.name) ?? unmeasured("no answer");
  } catch (error) {
    return unmeasured(requireReason(error));
  }
}

function unmeasured(error: string): Figures {
  return { rows: null, last: null, rowBytes: null, error };
}

async function checkAlone(measurement: Measurement): Promise<readonly string[] | null> {
  try {
    return (await measure(measurement, [], true)).quickCheck;
  } catch (error) {
    return [requireReason(error)];
  }
}

/** Why one query failed: D1 refuses it, or what it reads is damaged. @throws every other error */
function requireReason(error: unknown): string {
  if (hasCode(error, "DATABASE_UNREADABLE")) return error.details.reason;
  const refusal = refusalOf(error);
  if (refusal === null) throw error;
  return refusal.reason;
}

/** All rows at once, because a batch has one type for all its results. */
interface Row {
  readonly rows?: number;
  readonly last?: unknown;
  readonly bytes?: number | null;
  readonly quick_check?: string;
}

async function measure(
  { d1, samples }: Measurement,
  counted: readonly PlannedObject[],
  quickCheck: boolean,
): Promise<Measured> {
  const queries = [
    ...counted.map(({ query }) => query ?? ""),
    ...(samples ? counted.map(({ sample }) => sample ?? "") : []),
    ...(quickCheck ? [QUICK_CHECK] : []),
  ];
  if (queries.length === 0) return NOT_MEASURED;
  const answers = await d1.batch<Row>(queries.map((sql) => d1.prepare(sql)));
  const first = answers.map(({ results }) => results[0]);
  const lines = quickCheck ? answers.at(-1)?.results.map((row) => row.quick_check ?? "") : null;
  const figures = counted.map(({ name }, i): [string, Figures] => [
    name,
    {
      rows: first[i]?.rows ?? null,
      last: first[i]?.last ?? null,
      rowBytes: samples ? (first[counted.length + i]?.bytes ?? null) : null,
      error: null,
    },
  ]);
  return { figures: new Map(figures), quickCheck: lines ?? null };
}
