import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonical } from "./canonical-text.ts";
import { pieces } from "../../src/sql/split.ts";
import { tokenize, type Token } from "../../src/sql/tokens.ts";
import { random, randomFragments, randomTokenText, type Random } from "./random.ts";
import { script } from "./scripts.ts";

/** The tokens of each statement as JSON. Unlike the canonical form, it cannot be equal for different tokens. */
function tokenList(sql: string): string {
  const statements = [...pieces(sql)].map((piece) => {
    const texts = piece.map((token) => sql.slice(token.start, token.end));
    return texts.at(-1) === ";" ? texts.slice(0, -1) : texts;
  });
  return JSON.stringify(statements);
}

/** Reads the canonical form back into tokens, which its docstring claims is possible. */
function readBack(text: string): string {
  const statements: string[][] = [];
  let statement: string[] = [];
  let rest = text;
  while (rest !== "") {
    if (rest.startsWith(";\n")) {
      statements.push(statement);
      statement = [];
      rest = rest.slice(2);
      continue;
    }
    const [token] = tokenize(rest);
    const end = token?.end ?? 0;
    if (end === rest.length || rest.charAt(end) === "\0") {
      // An unclosed token includes the text after it: ` ;` and a line feed, or the space before a NUL.
      const own = end === rest.length ? rest.slice(0, -" ;\n".length) : rest.slice(0, end - 1);
      const tail = end === rest.length ? [] : [rest.slice(end, -" ;\n".length)];
      statements.push([...statement, own, ...tail]);
      return JSON.stringify(statements);
    }
    statement.push(rest.slice(0, end));
    expect(rest.charAt(end)).toBe(" ");
    rest = rest.slice(end + 1);
  }
  return JSON.stringify(statements);
}

const OPEN = [
  "/* c */",
  "-- ; c\n",
  "/**/",
  " ",
  "\n",
  "\r\n",
  "\t\f",
  " \uFEFF",
  "-- '\n",
  '/* " */',
];

/** White space or comments, with a space at both ends so that no neighbouring token absorbs them. */
function gap(from: Random): string {
  let text = " ";
  for (let count = from.below(3); count > 0; count -= 1) text += from.of(OPEN);
  return `${text} `;
}

/** The same tokens with other gaps. Every gap stays, and new ones may appear. */
function respaced(sql: string, from: Random): string {
  const nul = sql.indexOf("\0");
  let text = "";
  let apart = from.below(2) === 0;
  let breakpoint = "";
  for (const token of tokenize(sql)) {
    const own = sql.slice(token.start, token.end);
    if (token.kind === "space" || token.kind === "comment") {
      apart = true;
      // A breakpoint that ends a statement is more than a comment.
      if (own.startsWith("--> statement-breakpoint")) breakpoint = `${own}\n`;
      continue;
    }
    if (apart || (token.start !== nul && from.below(3) === 0)) text += gap(from) + breakpoint;
    // After white space, a vertical tab would be white space too.
    if (own === "\v" && /\s$/.test(text)) text += "/**/";
    text += own;
    apart = false;
    breakpoint = "";
    // An unclosed token would absorb a gap.
    if (token.kind === "illegal" && isOpen(sql, token)) return text + sql.slice(token.end);
  }
  return text.endsWith("/*") ? text : text + gap(from) + breakpoint;
}

function isOpen(sql: string, token: Token): boolean {
  return token.end === sql.length || token.end === sql.indexOf("\0");
}

describe("canonical", () => {
  test("writes one line per statement and one space between tokens", () => {
    expect(canonical("\uFEFF-- a\ncreate  table t(a,'b' );;\r\n/* ; */SELECT  1")).toBe(
      "create table t ( a , 'b' ) ;\nSELECT 1 ;\n",
    );
    expect(canonical("CREATE TRIGGER r BEGIN SELECT 1; END;")).toBe(
      "CREATE TRIGGER r BEGIN SELECT 1 ; END ;\n",
    );
    expect(canonical(" -- nothing\n;")).toBe("");
  });

  test.each([
    ["the last semicolon", "SELECT 1;", "SELECT 1"],
    ["empty statements", "SELECT 1;SELECT 2", ";;SELECT 1;/**/;\n;SELECT 2;;"],
    ["line ends", "SELECT\r\n1;\r\n", "SELECT\n1;\n"],
    ["a byte order mark", "\uFEFFSELECT 1", "SELECT 1"],
    ["comments", "SELECT/*a*/1--b", "SELECT 1"],
    ["breakpoints", "SELECT 1;--> statement-breakpoint\nSELECT 2", "SELECT 1;\nSELECT 2;"],
    [
      "breakpoints in place of semicolons",
      "SELECT 1\n--> statement-breakpoint\nSELECT 2",
      "SELECT 1;SELECT 2;",
    ],
    ["white space around operators", "SELECT(1+2)*3", "SELECT ( 1 + 2 ) * 3"],
  ])("ignores a difference in %s", (_name, a, b) => {
    expect(canonical(a)).toBe(canonical(b));
  });

  test.each([
    ["case", "SELECT 1", "select 1"],
    ["white space in strings", "SELECT 'a b'", "SELECT 'a  b'"],
    ["line ends in strings", "SELECT 'a\r\nb'", "SELECT 'a\nb'"],
    ["comments in strings", "SELECT 'a/**/b'", "SELECT 'ab'"],
    ["kinds of quotes", 'SELECT "a"', "SELECT `a`"],
    ["Unicode normal forms", "SELECT 'é'", "SELECT 'e\u0301'"],
    ["one word or two", "SELECT ab", "SELECT a b"],
    ["one operator or two", "SELECT a||b", "SELECT a| |b"],
    ["one blob, or a word and a string", "SELECT x'00'", "SELECT x '00'"],
    ["one string or two", "SELECT 'a''b'", "SELECT 'a' 'b'"],
    ["one statement or two", "SELECT 1; SELECT 2", "SELECT 1 SELECT 2"],
    ["a semicolon in a string", "SELECT 'a ;\n b'", "SELECT 'a'; b'"],
    ["spaces in an unclosed string", "SELECT 'a", "SELECT 'a "],
    ["text after a NUL", "SELECT 1;\0a", "SELECT 1;\0b"],
    ["the order of statements", "SELECT 1; SELECT 2", "SELECT 2; SELECT 1"],
  ])("keeps a difference in %s", (_name, a, b) => {
    expect(canonical(a)).not.toBe(canonical(b));
  });

  test("does not change with the white space and comments between tokens (40,000 texts)", () => {
    const from = random(4);
    let changed = 0;
    for (let index = 0; index < 40_000; index += 1) {
      const sql =
        index % 4 === 0
          ? script(from, 4).sql
          : index % 4 === 1
            ? randomFragments(from, 16)
            : randomTokenText(from, 12);
      const other = respaced(sql, from);
      if (other !== sql) changed += 1;
      if (canonical(other) !== canonical(sql))
        expect([other, canonical(other)]).toEqual([sql, canonical(sql)]);
    }
    expect(changed).toBeGreaterThan(39_000);
  });

  test("changes with a character exactly if a token changes (100,000 pairs)", () => {
    const from = random(5);
    const signs = " ;'\"`[]-/*\n\v\0aA1$.(x\uFEFFé".split("");
    let different = 0;
    for (let index = 0; index < 100_000; index += 1) {
      const sql = index % 10 === 0 ? script(from, 3).sql : randomTokenText(from, 10);
      const at = from.below(sql.length + 1);
      const other =
        sql.slice(0, at) +
        (from.below(4) === 0 ? "" : from.of(signs)) +
        sql.slice(at + from.below(2));
      const same = tokenList(sql) === tokenList(other);
      if (!same) different += 1;
      if ((canonical(sql) === canonical(other)) !== same)
        expect([sql, other]).toBe(same ? "the same" : "different");
    }
    expect(different).toBeGreaterThan(50_000);
  });

  test("can be read back into the same tokens (40,000 texts)", () => {
    const from = random(6);
    for (let index = 0; index < 40_000; index += 1) {
      const sql = index % 2 === 0 ? randomFragments(from, 16) : randomTokenText(from, 10);
      // The canonical form drops whether the last semicolon was there, as intended.
      const text = canonical(sql);
      if (readBack(text) !== tokenList(sql))
        expect([sql, text, readBack(text)]).toEqual([sql, text, tokenList(sql)]);
    }
  });

  test("is different for every two token sequences (all texts of up to four characters)", () => {
    const signs = " ;'\"[]-/*\n\v\0a1$(x\uFEFF".split("");
    const meanings = new Map<string, string>();
    let texts = [""];
    for (let size = 0; size < 4; size += 1) {
      texts = texts.flatMap((text) => signs.map((sign) => text + sign));
      for (const sql of texts) {
        const known = meanings.get(canonical(sql));
        if (known !== undefined && known !== tokenList(sql)) expect(tokenList(sql)).toBe(known);
        meanings.set(canonical(sql), tokenList(sql));
      }
    }
    expect(new Set(meanings.values()).size).toBe(meanings.size);
    expect(meanings.size).toBeGreaterThan(20_000);
  });

  test("accepts any string, and is its own canonical form if all tokens are legal", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (sql) => {
        // A lone vertical tab or NUL, or an unclosed quote, is tokenized differently with a space beside it.
        const known = tokenize(sql).every((token) => token.kind !== "illegal");
        if (known) expect(canonical(canonical(sql))).toBe(canonical(sql));
        else expect(typeof canonical(sql)).toBe("string");
      }),
      { seed: 7, numRuns: 2_000 },
    );
  });
});
