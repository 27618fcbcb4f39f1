/** @module Statements with named parameters. Kysely builds each once, and D1 runs it many times. */
import { createQueryId, type RawBuilder, sql, SqliteQueryCompiler } from "kysely";
import type { D1Database, D1PreparedStatement } from "../database/port.ts";

/** The placeholder of a named parameter. */
class NamedValue {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** Binds a parameter once, even if a statement names it several times: D1 accepts 100 values, and each is sent over the network. */
class Compiler extends SqliteQueryCompiler {
  readonly names: string[] = [];

  protected override appendValue(value: unknown): void {
    if (!(value instanceof NamedValue)) throw new TypeError("a value is neither literal nor named");
    if (!this.names.includes(value.name)) this.names.push(value.name);
    this.append(`?${this.names.indexOf(value.name) + 1}`);
  }
}

/** `param("tenant")` in a statement is the bound value with that name. */
export type Param<P> = <K extends keyof P & string>(name: K) => RawBuilder<P[K]>;

/** Binds those of the values that the statement names. */
export type Statement<P> = (d1: D1Database, values: P) => D1PreparedStatement;

/** Builds the statement when it is first used, so that a start does not wait for unused statements. */
export function statement<P extends object>(
  make: (param: Param<P>) => RawBuilder<unknown>,
): Statement<P> {
  let built: { readonly text: string; readonly names: readonly string[] } | null = null;
  return (d1, values) => {
    built ??= compiled(make((name) => sql`${new NamedValue(name)}`));
    const known = new Map<string, unknown>(Object.entries(values));
    return d1.prepare(built.text).bind(...built.names.map((name) => known.get(name)));
  };
}

function compiled(made: RawBuilder<unknown>): { text: string; names: readonly string[] } {
  const compiler = new Compiler();
  const { sql: text } = compiler.compileQuery(made.toOperationNode(), createQueryId());
  return { text, names: compiler.names };
}

/** A guard: its batch fails unless the condition is true. */
export function guard<P extends object>(
  condition: (param: Param<P>) => RawBuilder<unknown>,
): Statement<P> {
  return statement<P>(
    (param) =>
      sql`SELECT CASE WHEN ${condition(param)} THEN 1 ELSE json('a condition does not hold') END`,
  );
}
