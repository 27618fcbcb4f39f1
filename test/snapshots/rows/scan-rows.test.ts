import {
  array,
  assert,
  asyncProperty,
  constantFrom,
  double,
  oneof,
  string,
  uint8Array,
} from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { openMemory } from "../../../src/database/memory.ts";
import { quoteString } from "../../../src/sql/quote.ts";
import { readSource } from "../../../src/snapshots/rows/read-source.ts";
import { readTable } from "../../../src/snapshots/rows/read-table.ts";
import { valueText } from "../../../src/snapshots/rows/row-text.ts";
import { scanRows } from "../../../src/snapshots/rows/scan-rows.ts";

function hex(bytes: Uint8Array): string {
  return `X'${Buffer.from(bytes).toString("hex")}'`;
}

const anyValue = oneof(
  constantFrom(
    "NULL",
    "1",
    "-9223372036854775807-1",
    "0.0 * -1",
    "9e999",
    "-9e999",
    "1e-300",
    "X''",
    "''",
  ),
  double({ noNaN: true, noDefaultInfinity: true }).map(String),
  string({ unit: constantFrom("'", ",", "(", ")", "\n", "\0", "X", "é", "\u{1F600}") }).map(
    quoteString,
  ),
  uint8Array({ maxLength: 5 }).map(hex),
  uint8Array({ maxLength: 5 }).map((bytes) => `CAST(${hex(bytes)} AS TEXT)`),
);

describe("the rows of a chunk", () => {
  test("are split into the values that SQLite wrote", async () => {
    const { d1, close } = openMemory();
    onTestFinished(close);
    await d1.exec("CREATE TABLE t(id INTEGER PRIMARY KEY, a, b)");
    const columns = ["id", "a", "b"];
    const property = asyncProperty(
      array(array(anyValue, { minLength: 2, maxLength: 2 }), { maxLength: 8 }),
      async (rows) => {
        await d1.batch([
          d1.prepare("DELETE FROM t"),
          ...rows.map((row) => d1.prepare(`INSERT INTO t(a, b) VALUES (${row.join()})`)),
        ]);
        const [shape] = (await readSource(d1)).tables;
        if (shape === undefined) throw new Error("no table");
        const found: string[][] = [];
        for await (const { text } of readTable(d1, shape, "local")) found.push(...scanRows(text));
        // Value by value, so nothing has to be split.
        const hexes = columns.map((name) => `hex(${valueText(name)})`);
        const written = await d1
          .prepare(`SELECT ${hexes.join()} FROM t ORDER BY id`)
          .raw<string[]>();
        expect(found.map((row) => row.length)).toEqual(rows.map(() => 3));
        // Text that is not UTF-8 is written as a CAST, which only the number of values shows here.
        const expected = written.map((row, i) =>
          row.map((one, k) => {
            const bytes = Buffer.from(one, "hex");
            return Buffer.from(bytes.toString()).equals(bytes) ? bytes.toString() : found[i]?.[k];
          }),
        );
        expect(found).toEqual(expected);
      },
    );
    await assert(property, { numRuns: 300, seed: 12 });
  });

  test("may have values of several megabytes", () => {
    const large = `'${"a''\n".repeat(1_000_000)}'`;
    const blob = `X'${"00".repeat(2_000_000)}'`;
    const [row, ...others] = scanRows(`(1,${large},${blob},CAST(${blob} AS TEXT))`);
    expect(others).toEqual([]);
    expect(row?.length).toBe(4);
    expect(row?.[1] === large && row[2] === blob && row[3] === `CAST(${blob} AS TEXT)`).toBe(true);
  });

  test("do not exist if the text is empty", () => {
    expect([...scanRows("")]).toEqual([]);
  });

  test.each([
    "(1",
    "(1)\n(2)",
    "(1),",
    "('a)",
    "(X'00)",
    "(CAST(X'00' AS BLOB))",
    "(1,)",
    "()",
    "(null)",
    "(1.)",
    "(1) ",
  ])("fail with %j, which d1ops does not write", (text) => {
    expect(() => [...scanRows(text)]).toThrow("not the text of rows at");
  });
});
