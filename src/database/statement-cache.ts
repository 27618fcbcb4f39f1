/**
 * Statements that were compiled once and may be asked again: who sends the same texts a thousand times waits for each once.
 * They are understood by the schema of when they were compiled, so that none is kept beyond a change of it.
 * @module
 */
import type { StatementSync } from "node:sqlite";
import type { ParameterList } from "./parameters.ts";

/** The only statement of its text. */
export interface Compiled {
  readonly statement: StatementSync;
  readonly list: ParameterList;
  readonly writes: boolean;
  /** The names of the columns that it returns. */
  readonly columns: () => readonly string[];
}

export interface Kept {
  find(sql: string): Compiled | undefined;
  keep(sql: string, compiled: Compiled): void;
  /** A transaction begins, at this version of the schema. */
  begin(version: unknown): void;
  /** Until the transaction ends, nothing is known of the schema: its end may take back what it has changed. */
  doubt(): void;
}

const TEXTS_AT_MOST = 100;
const LENGTH_AT_MOST = 20_000;

export function keptStatements(): Kept {
  const kept = new Map<string, Compiled>();
  let known: unknown = null;
  let doubtful = false;
  return {
    find: (sql) => (doubtful ? undefined : kept.get(sql)),
    keep(sql, compiled) {
      if (doubtful || sql.length > LENGTH_AT_MOST) return;
      const [oldest] = kept.keys();
      if (kept.size >= TEXTS_AT_MOST && oldest !== undefined) kept.delete(oldest);
      kept.set(sql, compiled);
    },
    begin(version) {
      if (version !== known) kept.clear();
      known = version;
      doubtful = false;
    },
    doubt() {
      kept.clear();
      doubtful = true;
    },
  };
}
