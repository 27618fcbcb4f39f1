/**
 * Compiled statements of a connection, so that a text that is sent a thousand times is compiled once.
 * A compiled statement depends on the schema, so a change of the schema empties the cache.
 * @module
 */
import type { Compilation } from "./compile.ts";
import type { ParameterList } from "./parameters.ts";

/** The only statement of its text. */
export interface Compiled extends Pick<Compilation, "statement" | "columns"> {
  readonly list: ParameterList;
  readonly writes: boolean;
}

export interface StatementCache {
  find(sql: string): Compiled | undefined;
  add(sql: string, compiled: Compiled): void;
  /** Starts a transaction at this version of the schema. */
  begin(version: unknown): void;
  /** Empties the cache until the transaction ends: a rollback may undo the transaction's schema changes. */
  suspend(): void;
}

const MAX_TEXTS = 100;
const MAX_LENGTH = 20_000;

export function statementCache(): StatementCache {
  const cached = new Map<string, Compiled>();
  let current: unknown = null;
  let suspended = false;
  return {
    find: (sql) => (suspended ? undefined : cached.get(sql)),
    add(sql, compiled) {
      if (suspended || sql.length > MAX_LENGTH) return;
      const [oldest] = cached.keys();
      if (cached.size >= MAX_TEXTS && oldest !== undefined) cached.delete(oldest);
      cached.set(sql, compiled);
    },
    begin(version) {
      if (version !== current) cached.clear();
      current = version;
      suspended = false;
    },
    suspend() {
      cached.clear();
      suspended = true;
    },
  };
}
