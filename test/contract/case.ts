import type { D1Database, D1PreparedStatement } from "../../src/database/port.ts";

/** A script with a name. Every adapter runs it, each time on its own database. */
export interface Case {
  readonly name: string;
  readonly steps: readonly Step[];
  /** The case changes nothing, so it may share a database with other such cases. */
  readonly reads?: true;
}

export type Step = (d1: D1Database) => unknown;

/** A text, or a text with parameters. */
export type Sql = string | readonly [sql: string, ...params: unknown[]];

/** `prepare(…).bind(…).all()` */
export function all(sql: string, ...params: unknown[]): Step {
  return (d1) => prepared(d1, [sql, ...params]).all();
}

export function raw(sql: string, ...params: unknown[]): Step {
  return (d1) => prepared(d1, [sql, ...params]).raw({ columnNames: true });
}

export function batch(...statements: Sql[]): Step {
  return (d1) => d1.batch(statements.map((sql) => prepared(d1, sql)));
}

export function exec(sql: string): Step {
  return (d1) => d1.exec(sql);
}

/** Makes one case per text, named by the text. */
export function each(...texts: string[]): Case[] {
  return texts.map((sql) => ({ name: label(sql), steps: [all(sql)] }));
}

/** Like {@link each}, but every case runs the statements `first` before its text. */
export function after(first: readonly string[], texts: readonly string[]): Case[] {
  return texts.map((sql) => ({ name: label(sql), steps: [batch(...first), all(sql)] }));
}

export function label(sql: string): string {
  return sql.length > 100 ? `${sql.slice(0, 80)}… (${sql.length} characters)` : sql;
}

function prepared(d1: D1Database, sql: Sql): D1PreparedStatement {
  if (typeof sql === "string") return d1.prepare(sql);
  const [text, ...params] = sql;
  return params.length === 0 ? d1.prepare(text) : d1.prepare(text).bind(...params);
}
