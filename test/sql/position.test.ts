import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { excerpt, positionAt } from "../../src/sql/position.ts";

describe("positionAt", () => {
  test.each([
    ["", 0, 1, 1],
    ["abc", 2, 1, 3],
    ["abc", 3, 1, 4],
    ["abc", 99, 1, 4],
    ["abc", -1, 1, 1],
    ["a\nbc", 1, 1, 2],
    ["a\nbc", 2, 2, 1],
    ["a\r\nbc", 2, 1, 3],
    ["a\r\nbc", 3, 2, 1],
    ["a\rbc", 2, 2, 1],
    ["a\r\r\n\nb", 5, 4, 1],
    ["😀é\n😀x", 6, 2, 3],
    ["a\u2028b", 2, 1, 3],
  ])("returns for %j at offset %d: line %d, column %d", (text, offset, line, column) => {
    expect(positionAt(text, offset)).toEqual({ line, column });
  });

  test("agrees with splitting LF, CRLF and CR texts at their line ends", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "\r", "\n", "\t", "😀") });
    fc.assert(
      fc.property(text, fc.nat(20), (sql, offset) => {
        const before = sql.slice(0, offset);
        // Between CR and LF the line has not ended yet.
        const whole =
          before.endsWith("\r") && sql.charAt(offset) === "\n" ? before.slice(0, -1) : before;
        const lines = whole.split(/\r\n|\r|\n/);
        const column = 1 + (lines.at(-1)?.length ?? 0) + (before.length - whole.length);
        expect(positionAt(sql, offset)).toEqual({ line: lines.length, column });
      }),
      { seed: 8, numRuns: 5_000 },
    );
  });
});

/** Returns the excerpt around the text between the two guillemets. */
function around(marked: string): string {
  const start = marked.indexOf("«");
  const length = marked.indexOf("»") - start - 1;
  return excerpt(marked.replace("«", "").replace("»", ""), start, length);
}

const lines = (...rows: readonly string[]): string => rows.join("\n");

describe("excerpt", () => {
  test("shows two lines before the culprit, the carets, and one line after it", () => {
    expect(around("1\n2\n3\nCREATE «TABEL» x;\n5\n6")).toBe(
      lines(" 2 | 2", " 3 | 3", " 4 | CREATE TABEL x;", "   |        ^^^^^", " 5 | 5"),
    );
  });

  test("shows fewer lines at the start and end of the file", () => {
    expect(around("«a»")).toBe(lines(" 1 | a", "   | ^"));
    expect(around("«a»\n")).toBe(lines(" 1 | a", "   | ^"));
    expect(around("a\n«b»\nc")).toBe(lines(" 1 | a", " 2 | b", "   | ^", " 3 | c"));
    expect(excerpt("", 0, 0)).toBe(lines(" 1 |", "   | ^"));
  });

  test("aligns line numbers of different widths to the right", () => {
    expect(around(`${"\n".repeat(8)}x\n«y»\nz`)).toBe(
      lines("  8 |", "  9 | x", " 10 | y", "    | ^", " 11 | z"),
    );
  });

  test("splits lines that end with CRLF or CR", () => {
    expect(around("a\r\nb\r\n  «c» d\r\ne\r\n")).toBe(
      lines(" 1 | a", " 2 | b", " 3 |   c d", "   |   ^", " 4 | e"),
    );
    expect(around("a\rb «c»\rd")).toBe(lines(" 1 | a", " 2 | b c", "   |   ^", " 3 | d"));
  });

  test("shows one caret for an empty culprit, also at the end of a line or file", () => {
    expect(excerpt("SELECT (1", 9, 0)).toBe(lines(" 1 | SELECT (1", "   |          ^"));
    expect(excerpt("SELECT (\n1", 0, null)).toBe(lines(" 1 | SELECT (", " 2 | 1"));
    expect(excerpt("SELECT (\r\n1", 8, 0)).toBe(lines(" 1 | SELECT (", "   |         ^", " 2 | 1"));
    expect(excerpt("SELECT (\r\n1", 9, 1)).toBe(lines(" 1 | SELECT (", "   |         ^", " 2 | 1"));
    expect(excerpt("a", 99, 5)).toBe(lines(" 1 | a", "   |  ^"));
  });

  test("marks a culprit of several lines on its first line only", () => {
    expect(around("SELECT «'a\nb'» x")).toBe(
      lines(" 1 | SELECT 'a", "   |        ^^", " 2 | b' x"),
    );
  });

  test("replaces tabs with spaces in the line and in the carets", () => {
    expect(around("\ta,\n\t«b\tc»,\td")).toBe(
      lines(" 1 |     a,", " 2 |     b    c,    d", "   |     ^^^^^^"),
    );
  });

  test("puts the caret under the right character after wide and invisible characters", () => {
    expect(around("'漢字😀' «x»")).toBe(lines(" 1 | '漢字😀' x", "   |          ^"));
    expect(around("e\u0301\u200D «漢»")).toBe(lines(" 1 | e\u0301\u200D 漢", "   |   ^^"));
  });

  test("replaces control characters, direction marks and lone surrogates", () => {
    expect(around("\u001B[31m «x»\0\u007F\u009B\u202E\uD800")).toBe(
      lines(" 1 | ␛[31m x␀␡\uFFFD\uFFFD\uFFFD", "   |       ^"),
    );
  });

  test("cuts a long line around the culprit, and its neighbours at their end", () => {
    const shown = around(
      `${"a".repeat(500)}\n${"b".repeat(300)}«XYZ»${"c".repeat(300)}\n${"d".repeat(101)}`,
    );
    expect(shown).toBe(
      lines(
        ` 1 | ${"a".repeat(100)}…`,
        ` 2 | …${"b".repeat(40)}XYZ${"c".repeat(56)}…`,
        `   | ${" ".repeat(41)}^^^`,
        ` 3 | ${"d".repeat(100)}…`,
      ),
    );
  });

  test("cuts a long line whose culprit is at its start, at its end, or most of it", () => {
    expect(around(`«XYZ»${"c".repeat(300)}`)).toBe(lines(` 1 | XYZ${"c".repeat(97)}…`, "   | ^^^"));
    expect(around(`${"b".repeat(300)}«XYZ»`)).toBe(
      lines(` 1 | …${"b".repeat(40)}XYZ`, `   | ${" ".repeat(41)}^^^`),
    );
    expect(around(`${"b".repeat(300)}«${"X".repeat(300)}»`)).toBe(
      lines(` 1 | …${"b".repeat(40)}${"X".repeat(59)}…`, `   | ${" ".repeat(41)}${"^".repeat(59)}`),
    );
    expect(around(`${"b".repeat(97)}«XYZ»`)).toBe(
      lines(` 1 | ${"b".repeat(97)}XYZ`, `   | ${" ".repeat(97)}^^^`),
    );
  });

  test("does not split surrogate pairs", () => {
    const shown = around(`${"😀".repeat(200)}«x»${"😀".repeat(200)}`);
    expect(shown.isWellFormed()).toBe(true);
    expect(shown).toBe(
      lines(` 1 | …${"😀".repeat(20)}x${"😀".repeat(29)}…`, `   | ${" ".repeat(41)}^`),
    );
    expect(around(`${"😀".repeat(200)}b«x»`)).toBe(
      lines(` 1 | …${"😀".repeat(19)}bx`, `   | ${" ".repeat(40)}^`),
    );
  });

  test("puts the carets under the culprit's line and limits every line to 112 units, for any text and offset", () => {
    const text = fc.string({
      unit: fc.constantFrom("a", "b ", "\r\n", "\n", "\t", "漢", "😀", "x".repeat(60)),
    });
    fc.assert(
      fc.property(text, fc.nat(400), fc.nat(50), (sql, offset, length) => {
        const shown = excerpt(sql, offset, length).split("\n");
        const carets = shown.findIndex((row) => /^ +\| +\^+$|^ +\| \^+$/.test(row));
        const number = Number(shown[carets - 1]?.trim().split(" ")[0]);
        expect(number).toBe(positionAt(sql, offset).line);
        expect(shown.length).toBeLessThanOrEqual(5);
        for (const row of shown) expect(row.length).toBeLessThanOrEqual(112);
      }),
      { seed: 9, numRuns: 3_000 },
    );
  });
});
