import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { directivesOf } from "../../src/migrations/directives.ts";
import { canonical } from "../sql/canonical-text.ts";

const GOOD = "-- d1ops:requires backfill 0004_phones";

describe("directivesOf", () => {
  test.each([
    GOOD,
    "--d1ops:requires backfill 0004_phones",
    "--   d1ops:requires\tbackfill   0004_phones   ",
    "-- d1ops:requires  \t backfill 0004_phones",
    `${GOOD}\r\nDROP TABLE t;\r\n`,
    `\uFEFF${GOOD}`,
    `DROP TABLE t;\n${GOOD}\n`,
    `-- forgets the phones\n${GOOD}\n-- for good`,
    `CREATE TABLE t(\n${GOOD}\na);`,
  ])("reads a directive: %j", (text) => {
    expect(directivesOf(text)).toEqual({ requires: ["0004_phones"], misspelt: [] });
  });

  test("reads several directives in order", () => {
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
    "-- d1ops require backfill x",
    "-- d1op : requires backfill x",
    "-- d1op: requires backfill x",
    "-- d1op:require backfill x",
    "-- d1op:requires  backfill x",
    "-- require backfill x",
    "-- requires  backfill x",
    "-- requires backfill  x",
    "-- requires backfill 0004_phones  ",
    "-- d1ops:requires x \r",
    "-- d1-ops:requires backfill x",
    "-- requires backfill x",
    "-- Requires backfill x",
    " -- d1ops:requires backfill x",
    "\t-- d1ops:requires backfill x",
    "DROP TABLE t; -- d1ops:requires backfill x",
    "-- old Macintosh\r-- d1ops:requires backfill x",
  ])("reports a misspelt directive with its line: %j", (text) => {
    const { requires, misspelt } = directivesOf(`CREATE TABLE t(a);\n\n${text}\n`);
    expect(requires).toEqual([]);
    expect(misspelt).toEqual([{ line: 3, text: text.slice(text.indexOf("--")).trim() }]);
  });

  test.each([
    ";-- d1ops:requires backfill x",
    "\uFEFFSELECT 1; -- d1ops:requires backfill x",
    "\uFEFF\uFEFF-- d1ops:requires backfill x",
  ])("requires a directive to start its line, the first line too: %j", (text) => {
    expect(directivesOf(text)).toEqual({
      requires: [],
      misspelt: [{ line: 1, text: "-- d1ops:requires backfill x" }],
    });
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
  ])("finds no directive in other text: %j", (text) => {
    expect(directivesOf(text)).toEqual({ requires: [], misspelt: [] });
  });

  const closed = fc
    .array(
      fc.constantFrom(
        ..."'it''s; --'|\"a\n--\"|/* ' \" -- */|-- it's a [ \"\n|SELECT 1;|[a'b]|`c\"`|x'00'|\r\n".split(
          "|",
        ),
      ),
      { maxLength: 9 },
    )
    .map((pieces) => pieces.join(" "));

  test("reads a directive after closed quotes and comments, and excludes it from the checksum", () => {
    fc.assert(
      fc.property(closed, closed, (before, after) => {
        const text = `${before}\n${GOOD}\n${after}`;
        expect(directivesOf(text)).toEqual({ requires: ["0004_phones"], misspelt: [] });
        expect(canonical(text)).toBe(canonical(`${before}\n\n${after}`));
      }),
    );
  });

  test("finds no directive inside an unclosed quote or comment", () => {
    fc.assert(
      fc.property(closed, fc.constantFrom("'", '"', "/*", "[", "`"), (before, opening) => {
        const text = `${before}\n${opening}\n${GOOD}\n`;
        expect(directivesOf(text)).toEqual({ requires: [], misspelt: [] });
      }),
    );
  });
});
