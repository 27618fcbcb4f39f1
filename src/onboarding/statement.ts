/**
 * Statements that Kysely builds once and D1 runs many times: their parameters have names, and are bound by them.
 * @module
 */
import {
  type Compilable,
  DummyDriver,
  Kysely,
  type RawBuilder,
  sql,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import type { D1Database, D1PreparedStatement } from "../database/port.ts";
import type { Tables } from "./tables.ts";

/** Builds; it is connected to nothing. */
export const build: Kysely<Tables> = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
});

/** Stands in a built statement for a value that is not known yet. */
class Named {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** `given("tenant")` in a statement: the value that is bound under that name. */
export type Given<P> = <K extends keyof P & string>(name: K) => RawBuilder<P[K]>;

/** Of some values, what it needs is bound. */
export type Statement<P> = (d1: D1Database, values: P) => D1PreparedStatement;

/** Built when it is first used, so that nobody waits for what he does not ask for. */
export function statement<P extends object>(make: (given: Given<P>) => Compilable): Statement<P> {
  let built: { readonly text: string; readonly parameters: readonly unknown[] } | null = null;
  return (d1, values) => {
    if (built === null) {
      const query = make((name) => sql`${new Named(name)}`).compile();
      built = { text: query.sql, parameters: query.parameters };
    }
    const known = new Map<string, unknown>(Object.entries(values));
    const bound = built.parameters.map((one) => (one instanceof Named ? known.get(one.name) : one));
    return d1.prepare(built.text).bind(...bound);
  };
}

/** A guard: the batch that it is in fails unless the condition holds. */
export function demand<P extends object>(
  condition: (given: Given<P>) => RawBuilder<unknown>,
): Statement<P> {
  return statement<P>((given) => {
    const holds = sql`CASE WHEN ${condition(given)} THEN 1 ELSE json('a condition does not hold') END`;
    return build.selectNoFrom(holds.as("holds"));
  });
}
