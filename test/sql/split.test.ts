import { describe, expect, test } from "vitest";
import { complete, cuts, split } from "../../src/sql/split.ts";
import { positionAt } from "../../src/sql/position.ts";
import { compareCuts, compareScripts, compareText } from "./differential.ts";
import { sqliteComplete, VERSION } from "./sqlite.ts";

const texts = (sql: string): string[] => split(sql).map((statement) => statement.text);

const TRIGGER = "CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; SELECT 2; END;";

/** Inputs that broke the splitters of wrangler and other tools, with their statements. */
const HAZARDS: readonly (readonly [name: string, sql: string, statements: readonly string[]])[] = [
  ["nothing", "", []],
  ["white space only", " \t\r\n\f ", []],
  ["semicolons only", ";;\n;", []],
  ["a line comment only, without a line feed", "-- a; b", []],
  ["a block comment only", "/* a; b */", []],
  ["comments, white space and semicolons", "-- a\n;/* b; */ ; \n-- c", []],
  ["two statements on a line", "SELECT 1;SELECT 2;", ["SELECT 1;", "SELECT 2;"]],
  ["no last semicolon (workers-sdk#5564)", "SELECT 1;\nSELECT 2", ["SELECT 1;", "SELECT 2"]],
  ["no last semicolon, then a comment", "SELECT 1 -- done;\n/* x */ ", ["SELECT 1"]],
  ["a comment after the last statement (workers-sdk#7739)", "SELECT 1; -- done", ["SELECT 1;"]],
  ["empty statements between", "SELECT 1;; ;SELECT 2;", ["SELECT 1;", "SELECT 2;"]],
  [
    "comments, kept inside a statement and dropped outside",
    "/* a */ SELECT /* ; */ 1 -- ;\n; -- b\n",
    ["SELECT /* ; */ 1 -- ;\n;"],
  ],
  [
    "a semicolon in a comment (workers-sdk#3892)",
    "SELECT 1 -- it's; so\n, 2;",
    ["SELECT 1 -- it's; so\n, 2;"],
  ],
  [
    "a semicolon in a string",
    "SELECT ';', 'it''s;';SELECT 2",
    ["SELECT ';', 'it''s;';", "SELECT 2"],
  ],
  [
    "a semicolon in each kind of name (workers-sdk#2227)",
    'SELECT [x;y], "x;y", `x;y`; SELECT 2',
    ['SELECT [x;y], "x;y", `x;y`;', "SELECT 2"],
  ],
  [
    "quotes in other quotes",
    `SELECT '"', "'", [it's], \`"\`, "a""b;", \`a\`\`b;\`; SELECT 2`,
    [`SELECT '"', "'", [it's], \`"\`, "a""b;", \`a\`\`b;\`;`, "SELECT 2"],
  ],
  [
    "comment openers in strings, and quotes in comments",
    "SELECT '--', '/*'; /* ' */ SELECT '*/';",
    ["SELECT '--', '/*';", "SELECT '*/';"],
  ],
  ["block comments do not nest", "/* /* */ SELECT 1; /* */", ["SELECT 1;"]],
  [
    "comments with extra stars and slashes",
    "/*/ ; */ SELECT 1; /**/SELECT 2;/***/",
    ["SELECT 1;", "SELECT 2;"],
  ],
  [
    "blobs and numbers",
    "SELECT x'3b', X'', 1_000, .5e-3, 0x3B; SELECT 2",
    ["SELECT x'3b', X'', 1_000, .5e-3, 0x3B;", "SELECT 2"],
  ],
  ["a trigger", `${TRIGGER} SELECT 1;`, [TRIGGER, "SELECT 1;"]],
  ["a trigger without the last semicolon", TRIGGER.slice(0, -1), [TRIGGER.slice(0, -1)]],
  [
    "a trigger in lower case (workers-sdk#15093)",
    `${TRIGGER.toLowerCase()}select 3;`,
    [TRIGGER.toLowerCase(), "select 3;"],
  ],
  [
    "a trigger with CRLF (workers-sdk#14991)",
    `${TRIGGER.replaceAll(" ", "\r\n")}\r\nSELECT 1;\r\n`,
    [TRIGGER.replaceAll(" ", "\r\n"), "SELECT 1;"],
  ],
  [
    "a trigger with carriage returns",
    `${TRIGGER.replaceAll(" ", "\r")}\rSELECT 1;`,
    [TRIGGER.replaceAll(" ", "\r"), "SELECT 1;"],
  ],
  [
    "BEGIN/**/INSERT",
    "CREATE TRIGGER r AFTER INSERT ON t BEGIN/**/INSERT/**/INTO u VALUES(1);END;SELECT 1",
    ["CREATE TRIGGER r AFTER INSERT ON t BEGIN/**/INSERT/**/INTO u VALUES(1);END;", "SELECT 1"],
  ],
  [
    "comments between the words of a trigger",
    "CREATE--;\nTEMP/*;*/TRIGGER r BEGIN SELECT 1;--;\nEND/**/;SELECT 1",
    ["CREATE--;\nTEMP/*;*/TRIGGER r BEGIN SELECT 1;--;\nEND/**/;", "SELECT 1"],
  ],
  [
    "CASE … END in a trigger (workers-sdk#4326)",
    "CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT CASE WHEN 1 THEN 2 END; UPDATE t SET a=(CASE b WHEN 1 THEN 2 END), c=CASE 1 WHEN 1 THEN 1 END; END; SELECT 1;",
    [
      "CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT CASE WHEN 1 THEN 2 END; UPDATE t SET a=(CASE b WHEN 1 THEN 2 END), c=CASE 1 WHEN 1 THEN 1 END; END;",
      "SELECT 1;",
    ],
  ],
  [
    "CASE in WHEN of a trigger",
    "CREATE TRIGGER r AFTER INSERT ON t WHEN CASE WHEN 1 THEN 1 END BEGIN SELECT 1; END; SELECT 1;",
    [
      "CREATE TRIGGER r AFTER INSERT ON t WHEN CASE WHEN 1 THEN 1 END BEGIN SELECT 1; END;",
      "SELECT 1;",
    ],
  ],
  [
    "CASE … END outside a trigger",
    "SELECT CASE WHEN 1 THEN 2 END; SELECT 1;",
    ["SELECT CASE WHEN 1 THEN 2 END;", "SELECT 1;"],
  ],
  [
    "columns named begin and end",
    'CREATE TRIGGER r AFTER UPDATE OF "begin", "end" ON t BEGIN UPDATE t SET "end"=1, [end]=2; END; CREATE TABLE x("begin", end_, "end");',
    [
      'CREATE TRIGGER r AFTER UPDATE OF "begin", "end" ON t BEGIN UPDATE t SET "end"=1, [end]=2; END;',
      'CREATE TABLE x("begin", end_, "end");',
    ],
  ],
  [
    "a table named trigger",
    'CREATE TABLE "trigger"(a); CREATE TABLE trigger_(a); SELECT 1;',
    ['CREATE TABLE "trigger"(a);', "CREATE TABLE trigger_(a);", "SELECT 1;"],
  ],
  [
    "a string with a trigger in it",
    `SELECT '${TRIGGER}'; SELECT 1;`,
    [`SELECT '${TRIGGER}';`, "SELECT 1;"],
  ],
  [
    "EXPLAIN of a trigger",
    `EXPLAIN QUERY PLAN ${TRIGGER} EXPLAIN SELECT 1; SELECT 2;`,
    [`EXPLAIN QUERY PLAN ${TRIGGER}`, "EXPLAIN SELECT 1;", "SELECT 2;"],
  ],
  [
    "a trigger without END, which takes the rest",
    "CREATE TRIGGER r BEGIN SELECT 1; SELECT 2; SELECT 3;",
    ["CREATE TRIGGER r BEGIN SELECT 1; SELECT 2; SELECT 3;"],
  ],
  [
    "names with $",
    "SELECT a$b, end$, $end, $a::b(c) FROM x$y; SELECT 2;",
    ["SELECT a$b, end$, $end, $a::b(c) FROM x$y;", "SELECT 2;"],
  ],
  [
    "BEGIN and COMMIT as text and as statements",
    "BEGIN TRANSACTION; SELECT 'BEGIN TRANSACTION;'; COMMIT;",
    ["BEGIN TRANSACTION;", "SELECT 'BEGIN TRANSACTION;';", "COMMIT;"],
  ],
  ["a byte order mark", "\uFEFFSELECT 1;\uFEFF SELECT 2;\uFEFF", ["SELECT 1;", "SELECT 2;"]],
  [
    "a byte order mark before a trigger",
    `\uFEFF${TRIGGER}\n\uFEFF\uFEFF${TRIGGER}`,
    [TRIGGER, TRIGGER],
  ],
  ["a byte order mark only", "\uFEFF", []],
  ["emoji and letters", "SELECT '😀;é', 😀é;\nSELECT 2", ["SELECT '😀;é', 😀é;", "SELECT 2"]],
  [
    "a no-break space between statements",
    "SELECT 1;\u00A0SELECT 2;\u00A0",
    ["SELECT 1;", "SELECT 2;"],
  ],
  [
    "a no-break space before the end of a statement",
    "SELECT a\u00A0;SELECT (2) \u00A0 ; SELECT 3\u00A0",
    ["SELECT a", "SELECT (2)", "SELECT 3"],
  ],
  ["a no-break space inside a statement, which is a letter", "SELECT\u00A01;", ["SELECT\u00A01;"]],
  ["only spaces that SQLite does not know", "\u3000;\u2028\n;\v", []],
  [
    "a trigger after a line separator",
    `\u2028${TRIGGER}\n\u3000\u00A0${TRIGGER}`,
    [TRIGGER, TRIGGER],
  ],
  [
    "spaces at the ends of strings and quoted names",
    "SELECT '\u00A0' AS [\u3000]; SELECT \"\u00A0\"",
    ["SELECT '\u00A0' AS [\u3000];", 'SELECT "\u00A0"'],
  ],
  [
    "halves of pairs",
    "SELECT '\uD83D;', \uDE00; SELECT 2",
    ["SELECT '\uD83D;', \uDE00;", "SELECT 2"],
  ],
  [
    "a vertical tab, alone and in white space",
    "SELECT 1;\vSELECT 2; \vSELECT 3;",
    ["SELECT 1;", "SELECT 2;", "SELECT 3;"],
  ],
  [
    "a NUL, where SQLite's text ends, with the rest kept as one statement",
    "SELECT 1; \0 SELECT 2; SELECT 3",
    ["SELECT 1;", "\0 SELECT 2; SELECT 3"],
  ],
  ["NUL in a string", "SELECT 'a\0b'; SELECT 2;", ["SELECT 'a\0b'; SELECT 2;"]],
  [
    "an unclosed string, which takes the rest",
    "SELECT 1; SELECT 'it; SELECT 2;",
    ["SELECT 1;", "SELECT 'it; SELECT 2;"],
  ],
  [
    "an unclosed name, which takes the rest",
    "SELECT 1; SELECT [it; SELECT 2;",
    ["SELECT 1;", "SELECT [it; SELECT 2;"],
  ],
  [
    "an unclosed comment, which takes the rest as in SQLite",
    "SELECT 1; SELECT 2 /* ; SELECT 3;",
    ["SELECT 1;", "SELECT 2"],
  ],
  [
    "a comment opener at the very end, which is two operators as in SQLite",
    "SELECT 1; /*",
    ["SELECT 1;", "/*"],
  ],
  [
    "a variable with a semicolon, as in SQLite",
    "SELECT $a(;); SELECT 2",
    ["SELECT $a(;);", "SELECT 2"],
  ],
  [
    "drizzle's own files",
    "CREATE TABLE a(x);\n--> statement-breakpoint\nCREATE TABLE b(x);--> statement-breakpoint\nSELECT 1;",
    ["CREATE TABLE a(x);", "CREATE TABLE b(x);", "SELECT 1;"],
  ],
  [
    "drizzle's files with CRLF",
    "CREATE TABLE a(x)\r\n--> statement-breakpoint\r\nSELECT 1",
    ["CREATE TABLE a(x)", "SELECT 1"],
  ],
  [
    "drizzle's files without semicolons",
    "CREATE TABLE a(x)\n--> statement-breakpoint\nCREATE TABLE b(x)--> statement-breakpoint\nSELECT 1",
    ["CREATE TABLE a(x)", "CREATE TABLE b(x)", "SELECT 1"],
  ],
  ["breakpoints only", "--> statement-breakpoint\n;--> statement-breakpoint\n", []],
  [
    "a breakpoint, then a semicolon",
    "SELECT 1\n--> statement-breakpoint\n;SELECT 2",
    ["SELECT 1", "SELECT 2"],
  ],
  [
    "a breakpoint before a trigger",
    `SELECT 1\n--> statement-breakpoint\n${TRIGGER}\nSELECT 2`,
    ["SELECT 1", TRIGGER, "SELECT 2"],
  ],
  [
    "a breakpoint in a trigger, which is a comment there",
    `${TRIGGER.replace("; ", ";--> statement-breakpoint\n")} SELECT 1`,
    [TRIGGER.replace("; ", ";--> statement-breakpoint\n"), "SELECT 1"],
  ],
  [
    "a breakpoint after a trigger without its last semicolon",
    `${TRIGGER.slice(0, -1)}\n--> statement-breakpoint\nSELECT 1`,
    [TRIGGER.slice(0, -1), "SELECT 1"],
  ],
  [
    "a breakpoint in a string or block comment, which ends nothing",
    "SELECT '\n--> statement-breakpoint\n', /*\n--> statement-breakpoint\n*/ 1",
    ["SELECT '\n--> statement-breakpoint\n', /*\n--> statement-breakpoint\n*/ 1"],
  ],
  [
    "comments that only resemble a breakpoint",
    "SELECT 1 --> statement-breakpoints are next\n, 2 -- > statement-breakpoint\n",
    ["SELECT 1 --> statement-breakpoints are next\n, 2"],
  ],
];

describe("split", () => {
  test.each(HAZARDS)("returns the statements of %s", (_name, sql, statements) => {
    expect(texts(sql)).toEqual(statements);
  });

  test("reports the offset and line of each statement", () => {
    expect(split("-- a\r\n\r\nSELECT 1; SELECT\n2;\n\n/* x\n*/ SELECT '\n';\rSELECT 4")).toEqual([
      { text: "SELECT 1;", start: 8, line: 3 },
      { text: "SELECT\n2;", start: 18, line: 3 },
      { text: "SELECT '\n';", start: 37, line: 7 },
      { text: "SELECT 4", start: 49, line: 9 },
    ]);
  });

  test.each(HAZARDS)("reports offsets and lines that match the file: %s", (_name, sql) => {
    for (const { text, start, line } of split(sql)) {
      expect(sql.slice(start, start + text.length)).toBe(text);
      expect(positionAt(sql, start).line).toBe(line);
    }
  });

  test.each(HAZARDS)("returns a statement unchanged when it splits it again: %s", (_name, sql) => {
    for (const text of texts(sql)) expect(texts(text)).toEqual([text]);
  });
});

describe("complete and cuts", () => {
  test("are compared with the version of SQLite that D1 runs", () => {
    expect(VERSION).toMatch(/^3\.54\./);
  });

  test.each(HAZARDS)("agree with sqlite3_complete() on %s", (_name, sql) => {
    expect(compareText(sql)).toBeGreaterThan(0);
  });

  /** Differences between sqlite3_complete() and SQLite's tokenizer: the text, whether it is complete, its cuts. */
  test.each([
    ["a byte order mark is a letter", `\uFEFF${TRIGGER}`, true, [51, 61, 66]],
    ["a vertical tab is no white space", ` \v${TRIGGER}`, true, [52, 62, 67]],
    ["a variable is not one token", "$a(;)", false, [4]],
    ["a quote in a variable opens a string", "$a(');", false, []],
    ["an opener at the very end", ";/*", false, [1]],
    ["a line comment without its line feed (complete before 3.54)", "; -- x", false, [1]],
    ["the same with it", "; -- x\n", true, [1]],
    ["text after a NUL is ignored", "SELECT 1;\0 SELECT 2", true, [9]],
    ["a quote open at a NUL", "SELECT 1;'\0';", false, [9]],
    ["nothing", "", false, []],
    ["only white space", " \n", false, []],
    ["only a semicolon", ";", true, [1]],
    ["an unclosed bracket", "SELECT [;", false, []],
    ["END without a trigger", "END;", true, [4]],
    ["an empty statement in a trigger", "CREATE TRIGGER r BEGIN SELECT 1;; END;", true, [38]],
    ["END twice", "CREATE TRIGGER r BEGIN SELECT 1; END END;", false, []],
    ["END with a name like it", "CREATE TRIGGER r BEGIN SELECT 1; ENDS;", false, []],
  ])(
    "agree with sqlite3_complete() where it differs from the tokenizer: %s",
    (_name, sql, whole, places) => {
      expect(sqliteComplete(sql)).toBe(whole);
      expect(complete(sql)).toBe(whole);
      expect(cuts(sql)).toEqual(places);
      compareText(sql);
    },
  );

  // `split.long.test.ts` compares two million.
  test("agree with sqlite3_complete() on 60,000 random texts", () => {
    const tally = compareCuts(1, 60_000);
    expect(tally.different).toBeGreaterThan(54_000);
    expect(tally.comparisons).toBeGreaterThan(210_000);
    expect(tally.interesting).toBeGreaterThan(30_000);
  });
});

test("split agrees with SQLite on 4,000 random valid files", () => {
  const tally = compareScripts(2, 4_000);
  expect(tally.different).toBeGreaterThan(3_500);
  expect(tally.interesting).toBeGreaterThan(12_000);
});
