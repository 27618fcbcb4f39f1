/**
 * Compiled statements of a connection, so that a text that is sent a thousand times is compiled once.
 * A compiled statement depends on the schema. SQLite compiles it again inside its next run if the schema has changed.
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
}

const MAX_TEXTS = 100;
const MAX_LENGTH = 20_000;

export function statementCache(): StatementCache {
  const cached = new Map<string, Compiled>();
  const known = new Set<string>();
  return {
    find: (sql) => cached.get(sql),
    add(sql, compiled) {
      if (sql.length > MAX_LENGTH) return;
      if (!known.has(sql)) {
        makeRoom(known);
        known.add(sql);
        return;
      }
      makeRoom(cached);
      cached.set(sql, compiled);
    },
  };
}

/** Drops the oldest text if the collection is full. */
function makeRoom(texts: Map<string, unknown> | Set<string>): void {
  const [oldest] = texts.keys();
  if (texts.size >= MAX_TEXTS && oldest !== undefined) texts.delete(oldest);
}
