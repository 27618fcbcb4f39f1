/**
 * Statements that Kysely builds once and D1 runs many times: their parameters have names, and are bound by them.
 * @module
 */
import {
  type Compilable,
  type CompiledQuery,
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

/** Stands in a built statement for a value that is not known yet. */
class NamedValue {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** A value that a statement names several times is bound once: D1 takes a hundred of them, and each goes over the network. */
class Compiler extends SqliteQueryCompiler {
  #names: string[] = [];

  override compileQuery(...query: Parameters<SqliteQueryCompiler["compileQuery"]>): CompiledQuery {
    this.#names = [];
    return super.compileQuery(...query);
  }

  protected override appendValue(value: unknown): void {
    if (!(value instanceof NamedValue)) throw new TypeError("a value is neither literal nor named");
    if (!this.#names.includes(value.name)) {
      this.#names.push(value.name);
      this.addParameter(value);
    }
    this.append(`?${this.#names.indexOf(value.name) + 1}`);
  }
}

/** Builds; it is connected to nothing. */
export const build: Kysely<Tables> = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new Compiler(),
  },
});

/** `given("tenant")` in a statement: the value that is bound under that name. */
export type Param<P> = <K extends keyof P & string>(name: K) => RawBuilder<P[K]>;

/** Of some values, what it needs is bound. */
export type Statement<P> = (d1: D1Database, values: P) => D1PreparedStatement;

/** Built when it is first used, so that nobody waits for what he does not ask for. */
export function statement<P extends object>(make: (param: Param<P>) => Compilable): Statement<P> {
  let built: { readonly text: string; readonly names: readonly string[] } | null = null;
  return (d1, values) => {
    built ??= compiled(make((name) => sql`${new NamedValue(name)}`).compile());
    const known = new Map<string, unknown>(Object.entries(values));
    return d1.prepare(built.text).bind(...built.names.map((name) => known.get(name)));
  };
}

function compiled({ sql: text, parameters }: CompiledQuery): {
  readonly text: string;
  readonly names: readonly string[];
} {
  return {
    text,
    names: parameters.filter((one) => one instanceof NamedValue).map(({ name }) => name),
  };
}

/** A guard: the batch that it is in fails unless the condition holds. */
export function guard<P extends object>(
  condition: (param: Param<P>) => RawBuilder<unknown>,
): Statement<P> {
  return statement<P>((param) => {
    const holds = sql`CASE WHEN ${condition(param)} THEN 1 ELSE json('a condition does not hold') END`;
    return build.selectNoFrom(holds.as("holds"));
  });
}
