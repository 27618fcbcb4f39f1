import sqlite3InitModule from "@sqlite.org/sqlite-wasm";
import { array, assert, constantFrom, property } from "fast-check";
import { expect, test } from "vitest";
import { parameters } from "../../src/database/parameters.ts";

/** SQLite's own count and names; null if the text does not compile. */
async function judge(): Promise<
  (sql: string) => { count: number; names: (string | null)[] } | null
> {
  const { capi, oo1 } = await sqlite3InitModule();
  const db = new oo1.DB(":memory:");
  return (sql) => {
    try {
      const statement = db.prepare(sql);
      try {
        const count = statement.parameterCount;
        const names = Array.from({ length: count }, (_, i) =>
          capi.sqlite3_bind_parameter_name(statement, i + 1),
        );
        return { count, names };
      } finally {
        statement.finalize();
      }
    } catch {
      return null;
    }
  };
}

const pieces = [
  "?",
  "?1",
  "?3",
  ":a",
  ":b",
  "@a",
  "$a",
  "$a::b(c)",
  "$é",
  "\uFEFF$a",
  "é\uFEFF$a",
  "'?'",
  "'it''s ?'",
  '"?"',
  '"a""?"',
  "`?`",
  "[?]",
  "/* ? */",
  "-- ?\n",
  "x'3f'",
  "1",
  "1.5e+3",
  "0x1F",
  ".5",
  "a$b",
  "é$b",
  ":a$b",
  "'$a'",
  "a:b",
  "/* :a",
  "é",
  "NULL",
  "->>",
  "||",
  "-",
  "(",
  ")",
  "'--'",
  "'/*'",
  " ",
  "\n",
  "\t",
  "AS x",
];

test("parameters() numbers and names the parameters of a statement as SQLite does", async () => {
  const ask = await judge();
  let compiled = 0;
  assert(
    property(
      array(constantFrom(...pieces), { minLength: 1, maxLength: 6 }),
      constantFrom(", ", " + ", " ", ""),
      (parts, between) => {
        const sql = `SELECT ${parts.join(between)}`;
        const truth = ask(sql);
        if (truth === null) return;
        compiled += 1;
        const ours = parameters(sql);
        expect({ sql, count: ours.count }).toEqual({ sql, count: truth.count });
        const names = truth.names.flatMap((name, i) =>
          name === null || name.startsWith("?") ? [] : [[i + 1, name]],
        );
        expect({ sql, names: [...ours.names] }).toEqual({ sql, names });
      },
    ),
    { numRuns: 3000 },
  );
  expect(compiled).toBeGreaterThan(300);
});
