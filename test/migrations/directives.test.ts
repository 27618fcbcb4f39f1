import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { directivesOf } from "../../src/migrations/directives.ts";
import { canonical } from "../../src/sql/canonical.ts";

const GOOD = "-- d1ops:requires backfill 0004_phones";

describe("a line for d1ops", () => {
  test.each([
    GOOD,
    "--d1ops:requires backfill 0004_phones",
    "--   d1ops:requires\tbackfill   0004_phones   ",
    `${GOOD}\r\nDROP TABLE t;\r\n`,
    `\uFEFF${GOOD}`,
    `DROP TABLE t;\n${GOOD}\n`,
    `-- forgets the phones\n${GOOD}\n-- for good`,
    `CREATE TABLE t(\n${GOOD}\na);`,
  ])("is read: %j", (text) => {
    expect(directivesOf(text)).toEqual({ requires: ["0004_phones"], misspelt: [] });
  });

  test("comes as often as it takes, in its order", () => {
    expect(directivesOf(`${GOOD}\n-- d1ops:requires backfill a\nDROP TABLE t;`).requires).toEqual([
      "0004_phones",
      "a",
    ]);
  });

  test.each([
    "-- d1ops:require backfill x",
    "-- d1ops:requires backfil x",
    "-- d1ops:requires backfill",
    "-- d1ops:requires x",
    "-- d1ops: requires backfill x",
    "-- d1ops :requires backfill x",
    "-- d1ops requires backfill x",
    "-- D1OPS:requires backfill x",
    "-- d1ops:Requires backfill x",
    "-- d1ops:requires Backfill x",
    "--d1ops:requires",
    "-- d1ops:after 0004_x.sql",
    "-- d1ops:",
    "-- d1ops:requires backfill x, y",
    "-- d1ops:requires backfill x y",
    "-- d1ops:requires backfill x -- it drops what that reads",
    "--- d1ops:requires backfill x",
    "---- D1OPS: requires backfill x",
    "-- d1op:requires backfill x",
    "-- d1-ops:requires backfill x",
    "-- requires backfill x",
    "-- Requires backfill x",
    " -- d1ops:requires backfill x",
    "\t-- d1ops:requires backfill x",
    "DROP TABLE t; -- d1ops:requires backfill x",
    "-- old Macintosh\r-- d1ops:requires backfill x",
  ])("that is misspelt is told with its line: %j", (text) => {
    const { requires, misspelt } = directivesOf(`CREATE TABLE t(a);\n\n${text}\n`);
    expect(requires).toEqual([]);
    expect(misspelt).toEqual([{ line: 3, text: text.slice(text.indexOf("--")).trim() }]);
  });

  test.each([
    `INSERT INTO t VALUES ('\n${GOOD}\n');`,
    `INSERT INTO t VALUES ("\n-- d1ops:require backfill x\n");`,
    `/*\n${GOOD}\n-- d1ops:require backfill x\n*/`,
    "-- d1ops applies this one in a second",
    "-- whoever runs it without d1ops: look first",
    "-- this requires backfill 0004 to have run, says the plan",
    "-- requires backfill of the phones, by hand",
    "-- the application requires it",
    "--> statement-breakpoint",
    "SELECT 1 --",
  ])("is not seen where there is none: %j", (text) => {
    expect(directivesOf(text)).toEqual({ requires: [], misspelt: [] });
  });

  test("in whatever place, it is read or told or inside of something; and never part of the checksum", () => {
    const around = fc.array(
      fc.constantFrom("'", '"', "/*", "*/", "--", "\n", "\r\n", "a", ";", " ", "SELECT 1"),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(around, around, (before, after) => {
        const head = before.join("");
        const text = `${head}\n${GOOD}\n${after.join("")}`;
        const without = `${head}\n\n${after.join("")}`;
        const { requires, misspelt } = directivesOf(text);
        expect(misspelt).toEqual([]);
        expect(requires.length).toBe(
          canonical(text) === canonical(without) && !inside(head) ? 1 : 0,
        );
      }),
    );
  });
});

/** Is a quote or a block comment open at the end? By a reading of its own. */
function inside(text: string): boolean {
  const rest = text.replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\/|'[^']*'|"[^"]*"/g, "");
  return /'|"|\/\*/.test(rest);
}
