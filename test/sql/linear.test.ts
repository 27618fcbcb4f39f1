/** Counts work instead of time: each character that is read, searched or copied. */
import { describe, expect, test } from "vitest";
import { canonical } from "./canonical-text.ts";
import { leadingWords } from "../../src/sql/classify.ts";
import { culprit } from "../../src/sql/culprit.ts";
import { excerpt, positionAt } from "../../src/sql/position.ts";
import { complete, cuts, split } from "../../src/sql/split.ts";
import { tokenize } from "../../src/sql/tokens.ts";

type Method = (this: string, ...args: unknown[]) => unknown;

/** The cost of a call of each method. A method that walks the text and is missing here would not be counted: see below. */
const COSTS: {
  readonly [name: string]: (text: string, args: unknown[], result: unknown) => number;
} = {
  charAt: () => 1,
  charCodeAt: () => 1,
  codePointAt: () => 1,
  startsWith: (_text, args) => String(args[0]).length,
  endsWith: (_text, args) => String(args[0]).length,
  indexOf: (text, args, result) => {
    const from = Number(args[1] ?? 0);
    return 1 + (Number(result) < 0 ? text.length : Number(result)) - Math.min(from, text.length);
  },
  slice: (_text, _args, result) => 1 + String(result).length,
  replaceAll: (text) => 1 + text.length,
  split: (text) => 1 + text.length,
  toLowerCase: (text) => 1 + text.length,
  toUpperCase: (text) => 1 + text.length,
  trimEnd: (text) => 1 + text.length,
};

function work(run: () => unknown): number {
  const originals = new Map<string, Method>();
  const put = (name: string, value: Method): boolean =>
    Reflect.defineProperty(String.prototype, name, { value, writable: true, configurable: true });
  let total = 0;
  for (const [name, cost] of Object.entries(COSTS)) {
    const original: Method = Reflect.get(String.prototype, name);
    originals.set(name, original);
    put(name, function counted(this: string, ...args: unknown[]): unknown {
      const result = Reflect.apply(original, this, args);
      total += cost(this, args, result);
      return result;
    });
  }
  try {
    run();
  } finally {
    for (const [name, original] of originals) put(name, original);
  }
  return total;
}

const SHAPES: readonly (readonly [name: string, text: (n: number) => string])[] = [
  ["statements", (n) => "SELECT 1, 'a' FROM t;\n".repeat(n)],
  ["statements on one line", (n) => "SELECT 1;".repeat(n)],
  [
    "literals of 90 KB",
    (n) => `${`INSERT INTO t VALUES('${"x".repeat(90_000)}');\n`.repeat(n / 200)}SELECT 1`,
  ],
  ["one long literal", (n) => `INSERT INTO t VALUES('${"it''s".repeat(n)}')`],
  [
    "one long trigger",
    (n) => `CREATE TRIGGER r BEGIN ${"SELECT CASE 1 WHEN 1 THEN 2 END;".repeat(n)} END;`,
  ],
  ["an unclosed trigger", (n) => `CREATE TRIGGER r ${";END ".repeat(n)}`],
  ["breakpoints", (n) => "SELECT 1--> statement-breakpoint\n".repeat(n)],
  ["empty statements", (n) => ";".repeat(n)],
  ["line comments", (n) => "-- a\n".repeat(n)],
  ["comment openers", (n) => `/*${"/* ".repeat(n)}`],
  ["comments on one line", (n) => "-- /* ' ".repeat(n)],
  ["quotes", (n) => "'".repeat(n)],
  ["alternating quotes", (n) => `'"\`[`.repeat(n)],
  ["brackets", (n) => "[".repeat(n)],
  ["closing brackets", (n) => "]".repeat(n)],
  ["invalid blobs", (n) => "x'0' ".repeat(n)],
  ["an unclosed blob after many blobs", (n) => `${"x'00'".repeat(n)}x'0`],
  ["variables in parentheses", (n) => "$a(".repeat(n)],
  ["unclosed variables", (n) => "$a(b ".repeat(n)],
  ["colons", (n) => `$${"::".repeat(n)}`],
  ["numbers", (n) => "1_e+".repeat(n)],
  ["byte order marks", (n) => "\uFEFF".repeat(n)],
  ["NUL", (n) => "a;\0".repeat(n)],
  ["dots", (n) => "a.".repeat(n)],
  ["carriage returns", (n) => "\r".repeat(n)],
  ["CRLF", (n) => "a\r\n".repeat(n)],
  ["tabs", (n) => "\t".repeat(n)],
  ["emoji", (n) => "😀".repeat(n)],
  ["combining marks", (n) => `a${"\u0301".repeat(n)}`],
];

const FUNCTIONS: readonly (readonly [name: string, run: (sql: string) => unknown])[] = [
  ["tokenize", tokenize],
  ["split", split],
  ["cuts", cuts],
  ["complete", complete],
  ["canonical", canonical],
  ["positionAt", (sql) => positionAt(sql, sql.length >> 1)],
  ["excerpt", (sql) => excerpt(sql, sql.length >> 1, sql.length)],
  ["culprit by name", (sql) => culprit(sql, "no such column: a.a.zz")],
  ["culprit by token", (sql) => culprit(sql, 'near "zz": syntax error')],
  [
    "culprit by offset",
    (sql) => culprit(sql, `no such column: zz at offset ${sql.length >> 1}: SQLITE_ERROR`),
  ],
  ["leadingWords", (sql) => leadingWords(sql, 3)],
];

describe("a function of sql/", () => {
  test.each(FUNCTIONS)(
    "does at most four times the work for a text four times as long: %s",
    (_name, run) => {
      for (const [shape, text] of SHAPES) {
        const n = shape === "literals of 90 KB" ? 1_000 : 2_000;
        const small = work(() => run(text(n)));
        const large = work(() => run(text(4 * n)));
        // The margin allows for a constant. Quadratic work would be 16 times as much.
        if (large > 4.1 * small + 2_000)
          expect([shape, small, large]).toBe("at most four times the work");
      }
    },
  );
});

test("split and cuts do fewer than six operations per character for twenty literals of 90 KB", () => {
  const sql = `INSERT INTO t VALUES('${"x".repeat(90_000)}');\n`.repeat(20);
  expect(split(sql)).toHaveLength(20);
  expect(work(() => split(sql)) / sql.length).toBeLessThan(6);
  expect(work(() => cuts(sql)) / sql.length).toBeLessThan(6);
});

test("the counter of operations detects quadratic work", () => {
  const square = (sql: string): void => {
    for (let at = 0; at < sql.length; at += 1) sql.slice(at).indexOf("?");
  };
  expect(work(() => square("a".repeat(2_000)))).toBeGreaterThan(
    3 * work(() => square("a".repeat(1_000))),
  );
});
