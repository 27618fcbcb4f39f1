import { describe, expect, test } from "vitest";
import { tokenize, tokens, type TokenKind } from "../../src/sql/tokens.ts";
import { compareTokens, compareTokensOf } from "./differential.ts";

/** Each token as `kind:text`, without white space unless the text contains nothing else. */
function shown(sql: string): string[] {
  return tokenize(sql)
    .filter((token, _, all) => token.kind !== "space" || all.length === 1)
    .map((token) => `${token.kind}:${sql.slice(token.start, token.end)}`);
}

const SINGLE: readonly (readonly [kind: TokenKind, texts: readonly string[]])[] = [
  ["space", [" ", "\t\r\n\f ", " \v", "\uFEFF"]],
  ["comment", ["--", "-- a; 'b", "--\r", "/* */", "/**/", "/* a", "/*/", "/***/", "/* -- \n */"]],
  ["string", ["''", "'a'", "'it''s'", "''''", "'a\n;b'", "'😀'", "'\uD83D'"]],
  ["blob", ["x''", "X'00fF'"]],
  [
    "number",
    [
      "0",
      "12",
      "1_000",
      "1.",
      "1.5",
      ".5",
      "1e5",
      "1E+5",
      "1.5e-10",
      "0x1F",
      "0Xa_b",
      "1__0",
      "1_",
    ],
  ],
  [
    "word",
    [
      "a",
      "SELECT",
      "_a1",
      "a$b",
      "a$",
      "é",
      "😀",
      "\u00A0",
      "\u0080",
      "x",
      "x1",
      "xé",
      "__proto__",
    ],
  ],
  ["quoted", ['"a"', '"a""b"', '""', "`a``b`", "[a b;]", "[]", "[a[b]"]],
  [
    "variable",
    [
      "?",
      "?12",
      ":a",
      "@a",
      "$a",
      "#a",
      "$a::b",
      "$a::b::c(d e)".replace(" ", ""),
      "$1",
      ":é",
      "$a()",
    ],
  ],
  [
    "operator",
    [
      "+",
      "-",
      "->",
      "->>",
      "*",
      "/",
      "%",
      "&",
      "~",
      "|",
      "||",
      "=",
      "==",
      "<",
      "<=",
      "<>",
      "<<",
      ">",
      ">=",
      ">>",
      "!=",
      "(",
      ")",
      ",",
      ".",
    ],
  ],
  ["semicolon", [";"]],
  [
    "illegal",
    [
      "'a",
      "'a''",
      '"a',
      "`a",
      "[a",
      "x'0'",
      "x'0g'",
      "x'00",
      "1a",
      "1e",
      "0xg",
      "0x",
      "1.5e3x",
      "$",
      ":",
      "@",
      "#",
      "$a(b",
      "!",
      "\\",
      "]",
      "^",
      "{",
      "}",
      "\v",
      "\u0001",
      "\u007F",
      "\0",
      "\0 a; b",
    ],
  ],
];

describe("tokenize", () => {
  test.each(SINGLE.flatMap(([kind, texts]) => texts.map((text) => [kind, text] as const)))(
    "reads one %s token: %j",
    (kind, text) => {
      expect(tokenize(text)).toEqual([{ kind, start: 0, end: text.length }]);
    },
  );

  test.each([
    ["a-- b\nc", ["word:a", "comment:-- b", "word:c"]],
    ["a--b\rc\n d", ["word:a", "comment:--b\rc", "word:d"]],
    ["a/*b*/c", ["word:a", "comment:/*b*/", "word:c"]],
    ["/*", ["operator:/", "operator:*"]],
    ["/*\0*/", ["operator:/", "operator:*", "illegal:\0*/"]],
    [
      "a-b->c->>d-->e",
      [
        "word:a",
        "operator:-",
        "word:b",
        "operator:->",
        "word:c",
        "operator:->>",
        "word:d",
        "comment:-->e",
      ],
    ],
    [
      "<<>=!==||>>",
      ["operator:<<", "operator:>=", "operator:!=", "operator:=", "operator:||", "operator:>>"],
    ],
    ["x'0'x'00'y'00'", ["illegal:x'0'", "blob:x'00'", "word:y", "string:'00'"]],
    ["'a''b''", ["illegal:'a''b''"]],
    [
      "1.2.3 1..2 a.1 1.e5",
      ["number:1.2", "number:.3", "number:1.", "number:.2", "word:a", "number:.1", "number:1.e5"],
    ],
    ["1e+ 1e-5", ["illegal:1e", "operator:+", "number:1e-5"]],
    [
      "?1a :a:b $a:::b $::",
      [
        "variable:?1",
        "word:a",
        "variable::a",
        "variable::b",
        "variable:$a::",
        "variable::b",
        "illegal:$::",
      ],
    ],
    ["$a(b c) $a(b", ["illegal:$a(b", "word:c", "operator:)", "illegal:$a(b"]],
    ["\vSELECT \vFROM\v", ["illegal:\v", "word:SELECT", "word:FROM", "illegal:\v"]],
    ["\uFEFF\uFEFFa\uFEFFb \uFEFFc", ["word:a\uFEFFb", "word:c"]],
    ["'a\0b'; c", ["illegal:'a", "illegal:\0b'; c"]],
  ])("reads the tokens of %j", (sql, expected) => {
    expect(shown(sql)).toEqual(expected);
  });

  test.each([...SINGLE.flatMap(([, texts]) => texts), "a 'b' -- c\n /* d */ [e];"])(
    "agrees with SQLite on %j",
    (sql) => {
      compareTokensOf(sql);
      compareTokensOf(`${sql} a`);
      compareTokensOf(`a ${sql}`);
    },
  );

  test("agrees with SQLite on 20,000 random texts, from each of their tokens on", () => {
    const tally = compareTokens(3, 20_000);
    expect(tally.different).toBeGreaterThan(15_000);
    expect(tally.comparisons).toBeGreaterThan(80_000);
  });

  test("tokens yields the first token without reading the rest", () => {
    const found = tokens(`SELECT ${"'".repeat(100_000)}`);
    expect(found.next().value).toEqual({ kind: "word", start: 0, end: 6 });
  });
});
