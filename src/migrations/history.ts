/**
 * Replays the history of a database in memory, with the ledger as it was before each migration. A migration may change the
 * ledger itself, for example to renumber files (`UPDATE d1_migrations SET name = …`).
 * @module
 */
import type { D1Database } from "../database/port.ts";
import { createTables as createBackfillTables } from "../backfills/backfill-state.ts";
import { createRuns } from "../lease/runs.ts";
import { type Replayed, replay } from "../schema/replay.ts";
import { contents, isWord, lexemes } from "../sql/lexemes.ts";
import { quoteIdentifier, quoteString, sameIdentifier, upperCase } from "../sql/quote.ts";
import { type Applied, createLedgers, OWN_TABLES } from "./ledger.ts";
import type { Migration } from "./migration.ts";

export interface History {
  /** The name of wrangler's ledger. */
  readonly table: string;
  readonly folder: readonly Migration[];
  /** In the order in which they ran. A migration without a file leaves only its row. */
  readonly applied: readonly Pick<Applied, "name" | "appliedAt">[];
}

/** Replays on an empty database and stops at the first migration that fails. */
export async function replayHistory(
  d1: D1Database,
  { table, folder, applied }: History,
): Promise<Replayed> {
  const files = new Map(folder.map((migration) => [migration.name, migration]));
  const migrations = applied.map(({ name, appliedAt }) => ({
    name,
    statements: (files.get(name)?.statements ?? []).map(({ text }) => text),
    record: recordOf(table, name, appliedAt),
  }));
  const usesOwnTables = migrations.some(({ statements }) =>
    statements.some((text) => /d1ops_/i.test(text)),
  );
  await d1.batch([
    ...createLedgers(d1, table),
    ...(usesOwnTables ? [createRuns(d1), ...createBackfillTables(d1)] : []),
  ]);
  return replay(d1, migrations, (statement) => isAboutLedger(statement, table));
}

/** A renamed row appears here under its new name, which the ledger may contain already. */
function recordOf(table: string, name: string, appliedAt: string): string {
  const at = appliedAt === "" ? "CURRENT_TIMESTAMP" : quoteString(appliedAt);
  return `INSERT OR REPLACE INTO ${quoteIdentifier(table)} (name, applied_at) VALUES (${quoteString(name)}, ${at})`;
}

/** True for a statement that changes only rows of a ledger: the schema does not depend on them. */
function isAboutLedger(statement: string, table: string): boolean {
  const target = writtenTable(statement);
  return target !== null && [table, ...OWN_TABLES].some((name) => sameIdentifier(name, target));
}

const BETWEEN: ReadonlySet<string> = new Set(
  "INTO FROM OR ABORT FAIL IGNORE REPLACE ROLLBACK MAIN .".split(" "),
);

/** The table that an INSERT, REPLACE, UPDATE or DELETE changes; null for every other statement. */
function writtenTable(statement: string): string | null {
  const [verb, ...words] = lexemes(statement);
  if (!["INSERT", "REPLACE", "UPDATE", "DELETE"].some((word) => isWord(verb, word))) return null;
  return words.map(contents).find((word) => !BETWEEN.has(upperCase(word))) ?? null;
}
