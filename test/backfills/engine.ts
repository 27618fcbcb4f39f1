/** A backfill over a database in memory, with a clock that does not really wait. */
import { onTestFinished } from "vitest";
import type { Backfill } from "../../src/backfills/backfill.ts";
import { type BackfillDefinition, backfillFrom } from "../../src/backfills/define.ts";
import { parseSqlBackfill } from "../../src/backfills/parse-sql.ts";
import { type RunRequest, type RunResult, runBackfill } from "../../src/backfills/run-backfill.ts";
import { type Progress, readProgress } from "../../src/backfills/backfill-state.ts";
import { openMemory } from "../../src/database/memory.ts";
import type { D1Database } from "../../src/database/port.ts";

export type Row = Record<string, unknown>;

/** Statements divided by `;` at the ends of lines. */
export async function memory(schema: string): Promise<D1Database> {
  const { d1, close } = openMemory();
  onTestFinished(close);
  const statements = schema.split(/;\s*(?:\n|$)/).filter((text) => text.trim() !== "");
  if (statements.length > 0) await d1.batch(statements.map((sql) => d1.prepare(sql)));
  return d1;
}

export async function rows(d1: D1Database, sql: string): Promise<Row[]> {
  return (await d1.prepare(sql).all<Row>()).results;
}

export async function quarantine(d1: D1Database): Promise<Row[]> {
  return rows(d1, "SELECT key, outcome, reason, original FROM d1ops_quarantine ORDER BY key");
}

export function sqlBackfill(text: string, name = "0001_fill"): Backfill {
  return parseSqlBackfill({ name, file: `backfills/${name}.sql`, text, checksum: sum(text) });
}

/** The text of a backfill in SQL. `more` is inserted before `d1ops:write`. */
export function plain(source: string, key: string, write: string, more = ""): Backfill {
  const from = /^\s*(?:SELECT|WITH)\b/i.test(source) ? `\n${source}` : ` ${source}`;
  return sqlBackfill(
    `-- d1ops:source${from}\n-- d1ops:key ${key}\n${more}-- d1ops:write\n${write}\n`,
  );
}

export function rowBackfill<P = undefined>(
  definition: BackfillDefinition<P>,
  name = "0001_rows",
): Backfill {
  return backfillFrom(definition, { name, file: `backfills/${name}.ts`, text: "", checksum: name });
}

function sum(text: string): string {
  return `sum of ${text.length}: ${text}`;
}

/** A clock whose time passes only while a task waits. */
export class VirtualTime {
  at = 0;
  slept: number[] = [];
  readonly now = (): number => this.at;
  readonly sleep = async (ms: number): Promise<void> => {
    this.slept.push(ms);
    this.at += ms;
  };
}

let tokens = 0;

export function request(
  d1: D1Database,
  backfill: Backfill,
  over: Partial<RunRequest> = {},
): RunRequest {
  const time = new VirtualTime();
  tokens += 1;
  return {
    d1,
    backfill,
    runner: { holder: `nia@example.com (process ${tokens})`, token: `token ${tokens}` },
    anew: false,
    windowRows: 7,
    limits: { targetMs: 200, maxRows: 7 },
    pauseMs: 0,
    rate: null,
    maxRowsWritten: null,
    budget: null,
    maxQuarantined: null,
    now: time.now,
    sleep: time.sleep,
    stopping: () => false,
    uncaught: () => null,
    onWindow: () => {},
    breathe: async () => {},
    ...over,
  };
}

export async function run(
  d1: D1Database,
  backfill: Backfill,
  over: Partial<RunRequest> = {},
): Promise<RunResult> {
  return runBackfill(request(d1, backfill, over));
}

export async function progress(d1: D1Database, name = "0001_fill"): Promise<Progress> {
  const found = (await readProgress(d1)).find((one) => one.name === name);
  if (found === undefined) throw new Error(`${name} has not begun`);
  return found;
}

/** Makes the last sign of life of the run this old. */
export async function ageLastSign(d1: D1Database, seconds: number): Promise<void> {
  await d1
    .prepare(
      `UPDATE d1ops_backfills SET updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-${seconds} seconds')`,
    )
    .run();
}
