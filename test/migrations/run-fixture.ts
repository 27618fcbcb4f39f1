/** Runs of migrations over an in-memory database, each with its own lease. */
import { afterEach, beforeEach } from "vitest";
import { openMemory } from "../../src/database/memory.ts";
import type { D1Database, D1PreparedStatement, Database } from "../../src/database/port.ts";
import { type Lease, takeLease } from "../../src/lease/lease.ts";
import type { ApplyRequest, ApplyResult } from "../../src/migrations/migration-run.ts";
import { readLedger } from "../../src/migrations/ledger.ts";
import type { Migration } from "../../src/migrations/migration.ts";
import { OpsError } from "../../src/report/error.ts";

export const TABLE = "d1_migrations";

export let database: Database;

/** Creates a new database for each test of the file. */
export function databaseForEach(): void {
  beforeEach(() => {
    database = openMemory();
  });
  afterEach(() => database.close());
}

export async function lease(holder = "zoe@example"): Promise<Lease> {
  return takeLease({
    d1: database.d1,
    claim: {
      command: "migrate apply",
      holder,
      tool: "d1ops 0.0.0",
      commit: null,
      nonce: crypto.randomUUID(),
      leaseSeconds: 60,
    },
    bookmark: async () => null,
    waitMs: 0,
    now: () => 0,
    sleep: async () => {},
    onWait: () => {},
  });
}

/** Executes the n-th batch and loses its answer. */
export function losing(n: number, happens: () => Promise<unknown> = async () => {}): D1Database {
  let batches = 0;
  return {
    prepare: (query: string) => database.d1.prepare(query),
    exec: (query: string) => database.d1.exec(query),
    async batch<T>(statements: D1PreparedStatement[]) {
      const answers = await database.d1.batch<T>(statements);
      batches += 1;
      if (batches !== n) return answers;
      await happens();
      throw LOST_ANSWER;
    },
  };
}

/** Lets time pass for the database, by making everything it recorded older. */
export async function timePasses(seconds: number): Promise<void> {
  const older = (column: string): string =>
    `${column} = strftime('%Y-%m-%dT%H:%M:%fZ', ${column}, '-${seconds} seconds')`;
  await database.d1
    .prepare(
      `UPDATE d1ops_runs SET ${older("started_at")}, ${older("expires_at")}, ${older("ended_at")}`,
    )
    .run();
  const { results } = await database.d1
    .prepare("SELECT 1 FROM sqlite_schema WHERE name = 'd1ops_migrations'")
    .all();
  if (results.length > 0)
    await database.d1.prepare(`UPDATE d1ops_migrations SET ${older("started_at")}`).run();
}

export async function request(
  folder: readonly Migration[],
  over: Partial<ApplyRequest> = {},
): Promise<ApplyRequest> {
  return {
    d1: database.d1,
    table: TABLE,
    folder,
    to: null,
    allow: new Set(),
    author: { appliedBy: "zoe@example", commit: null, tool: "d1ops 0.0.0" },
    ledger: await readLedger(database.d1, TABLE),
    lease: null,
    gate: null,
    notReady: undefined,
    sleep: async () => {},
    now: () => 0,
    before: async () => "continue",
    ...over,
  };
}

export function statuses({ outcomes }: ApplyResult): string[] {
  return outcomes.map(({ status, migration: { name } }) => `${name.slice(0, 4)} ${status}`);
}

export function failureOf({ outcomes }: ApplyResult): unknown {
  const failed = outcomes.find((outcome) => outcome.status === "failed");
  return failed?.failure;
}

/** A batch that may have been executed. */
export const LOST_ANSWER = new OpsError(
  "OUTCOME_UNKNOWN",
  { status: null, reason: "lost" },
  { message: "The answer was lost.", hint: "" },
);

/** Hooks around the n-th batch of a migration, counted from 1 without reads of the ledger. If `before` throws, the batch is not executed; if `after` throws, its answer is lost. */
interface Around {
  readonly before?: (n: number, statements: readonly D1PreparedStatement[]) => unknown;
  readonly after?: (n: number) => unknown;
  /** An error that it throws replaces the database's own error. */
  readonly failed?: (error: unknown) => unknown;
}

export function around({ before, after, failed }: Around): D1Database {
  let batches = 0;
  return {
    prepare: (query: string) => database.d1.prepare(query),
    exec: (query: string) => database.d1.exec(query),
    async batch<T>(statements: D1PreparedStatement[]) {
      if (statements.length <= 2) return database.d1.batch<T>(statements);
      batches += 1;
      const n = batches;
      await before?.(n, statements);
      try {
        const answers = await database.d1.batch<T>(statements);
        await after?.(n);
        return answers;
      } catch (error) {
        await failed?.(error);
        throw error;
      }
    },
  };
}
