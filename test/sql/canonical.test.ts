import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonical } from "../../src/sql/canonical.ts";
import { pieces } from "../../src/sql/split.ts";
import { tokenize, type Token } from "../../src/sql/tokens.ts";
import { random, soup, tokenSoup, type Random } from "./random.ts";
import { script } from "./scripts.ts";

/** What the canonical text stands for, in a form that cannot collide: the tokens of each statement. */
function meaning(sql: string): string {
  const statements = [...pieces(sql)].map((piece) => {
    const texts = piece.map((token) => sql.slice(token.start, token.end));
    return texts.at(-1) === ";" ? texts.slice(0, -1) : texts;
  });
  return JSON.stringify(statements);
}

/** The canonical text read back, as its docstring claims it can be. */
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
      // Unclosed: it took what stands behind it, ` ;` and line feed, or the space before a NUL.
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

/** White space or comments, starting and ending so that no neighbour can grow into it. */
function gap(from: Random): string {
  let text = " ";
  for (let count = from.below(3); count > 0; count -= 1) text += from.of(OPEN);
  return `${text} `;
}

/** The same tokens with other gaps: one where one was, maybe one where none was. */
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
    // Behind white space it would be white space, too.
    if (own === "\v" && /\s$/.test(text)) text += "/**/";
    text += own;
    apart = false;
    breakpoint = "";
    // What is unclosed would take a gap into itself.
    if (token.kind === "illegal" && isOpen(sql, token)) return text + sql.slice(token.end);
  }
  return text.endsWith("/*") ? text : text + gap(from) + breakpoint;
}

function isOpen(sql: string, token: Token): boolean {
  return token.end === sql.length || token.end === sql.indexOf("\0");
}

describe("canonical", () => {
  test("one line a statement, one space between tokens", () => {
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
    ["white space around signs", "SELECT(1+2)*3", "SELECT ( 1 + 2 ) * 3"],
  ])("%s: no difference", (_name, a, b) => {
    expect(canonical(a)).toBe(canonical(b));
  });

  test.each([
    ["case", "SELECT 1", "select 1"],
    ["white space in strings", "SELECT 'a b'", "SELECT 'a  b'"],
    ["line ends in strings", "SELECT 'a\r\nb'", "SELECT 'a\nb'"],
    ["comments in strings", "SELECT 'a/**/b'", "SELECT 'ab'"],
    ["kinds of quotes", 'SELECT "a"', "SELECT `a`"],
    ["normal forms of letters", "SELECT 'é'", "SELECT 'e\u0301'"],
    ["a word or two", "SELECT ab", "SELECT a b"],
    ["a sign or two", "SELECT a||b", "SELECT a| |b"],
    ["a blob or a word and a string", "SELECT x'00'", "SELECT x '00'"],
    ["one string or two", "SELECT 'a''b'", "SELECT 'a' 'b'"],
    ["one statement or two", "SELECT 1; SELECT 2", "SELECT 1 SELECT 2"],
    ["a semicolon in a string", "SELECT 'a ;\n b'", "SELECT 'a'; b'"],
    ["spaces in an unclosed string", "SELECT 'a", "SELECT 'a "],
    ["what is behind a NUL", "SELECT 1;\0a", "SELECT 1;\0b"],
    ["order", "SELECT 1; SELECT 2", "SELECT 2; SELECT 1"],
  ])("%s: a difference", (_name, a, b) => {
    expect(canonical(a)).not.toBe(canonical(b));
  });

  test("other white space and comments between tokens never change it (40,000 texts)", () => {
    const from = random(4);
    let changed = 0;
    for (let index = 0; index < 40_000; index += 1) {
      const sql =
        index % 4 === 0
          ? script(from, 4).sql
          : index % 4 === 1
            ? soup(from, 16)
            : tokenSoup(from, 12);
      const other = respaced(sql, from);
      if (other !== sql) changed += 1;
      if (canonical(other) !== canonical(sql))
        expect([other, canonical(other)]).toEqual([sql, canonical(sql)]);
    }
    expect(changed).toBeGreaterThan(39_000);
  });

  test("a changed character changes it exactly if it changes a token (100,000 pairs)", () => {
    const from = random(5);
    const signs = " ;'\"`[]-/*\n\v\0aA1$.(x\uFEFFé".split("");
    let different = 0;
    for (let index = 0; index < 100_000; index += 1) {
      const sql = index % 10 === 0 ? script(from, 3).sql : tokenSoup(from, 10);
      const at = from.below(sql.length + 1);
      const other =
        sql.slice(0, at) +
        (from.below(4) === 0 ? "" : from.of(signs)) +
        sql.slice(at + from.below(2));
      const same = meaning(sql) === meaning(other);
      if (!same) different += 1;
      if ((canonical(sql) === canonical(other)) !== same)
        expect([sql, other]).toBe(same ? "the same" : "different");
    }
    expect(different).toBeGreaterThan(50_000);
  });

  test("it can be read back (40,000 texts)", () => {
    const from = random(6);
    for (let index = 0; index < 40_000; index += 1) {
      const sql = index % 2 === 0 ? soup(from, 16) : tokenSoup(from, 10);
      // Whether a last semicolon was there is what it is meant to forget.
      const text = canonical(sql);
      if (readBack(text) !== meaning(sql))
        expect([sql, text, readBack(text)]).toEqual([sql, text, meaning(sql)]);
    }
  });

  test("no two meanings share a text: every text of up to four signs", () => {
    const signs = " ;'\"[]-/*\n\v\0a1$(x\uFEFF".split("");
    const meanings = new Map<string, string>();
    let texts = [""];
    for (let size = 0; size < 4; size += 1) {
      texts = texts.flatMap((text) => signs.map((sign) => text + sign));
      for (const sql of texts) {
        const known = meanings.get(canonical(sql));
        if (known !== undefined && known !== meaning(sql)) expect(meaning(sql)).toBe(known);
        meanings.set(canonical(sql), meaning(sql));
      }
    }
    expect(new Set(meanings.values()).size).toBe(meanings.size);
    expect(meanings.size).toBeGreaterThan(20_000);
  });

  test("any string at all is taken, and its canonical form is stable", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (sql) => {
        // A vertical tab or NUL by itself, and an unclosed quote, read otherwise with a space beside them.
        const known = tokenize(sql).every((token) => token.kind !== "illegal");
        if (known) expect(canonical(canonical(sql))).toBe(canonical(sql));
        else expect(typeof canonical(sql)).toBe("string");
      }),
      { seed: 7, numRuns: 2_000 },
    );
  });
});
