/**
 * Compiled statements of a connection, so that a text that is sent a thousand times is compiled once.
 * A compiled statement depends on the schema, so a change of the schema empties the cache.
 *
 * The cache keeps a text from its second compilation on. A window of a backfill has texts of its own. If the cache kept them for a
 * while, V8 would count them as old objects, and free the memory of SQLite that they hold too late: 40 MB after 2,000 windows.
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
  const known = new Set<string>();
  let current: unknown = null;
  let suspended = false;
  return {
    find: (sql) => (suspended ? undefined : cached.get(sql)),
    add(sql, compiled) {
      if (suspended || sql.length > MAX_LENGTH) return;
      if (!known.has(sql)) {
        makeRoom(known);
        known.add(sql);
        return;
      }
      makeRoom(cached);
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

/** Drops the oldest text if the collection is full. */
function makeRoom(texts: Map<string, unknown> | Set<string>): void {
  const [oldest] = texts.keys();
  if (texts.size >= MAX_TEXTS && oldest !== undefined) texts.delete(oldest);
}
