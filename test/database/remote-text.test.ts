import { describe, expect, test } from "vitest";
import type { D1Client } from "../../src/database/client.ts";
import { openMemory } from "../../src/database/memory.ts";
import { pieces } from "../../src/database/remote-text.ts";
import { fakeRemote } from "./remote-fixture.ts";

const textsOf = (sql: string): string[] => pieces({ sql, params: [] }, 0).map((piece) => piece.sql);

describe("pieces", () => {
  test.each<[string, string, string[]]>([
    ["leaves one statement unchanged", " SELECT 1 -- x\n;\n", [" SELECT 1 -- x\n;\n"]],
    ["splits two statements", "SELECT 1; SELECT 2", ["SELECT 1;", "SELECT 2"]],
    ["ignores a semicolon in a string", "SELECT ';'; SELECT 2", ["SELECT ';';", "SELECT 2"]],
    [
      "keeps a trigger whole",
      "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; SELECT 2; END; SELECT 3",
      ["CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; SELECT 2; END;", "SELECT 3"],
    ],
    ["skips a line comment", "-- c", []],
    ["skips an indented line comment", " -- c", []],
    ["skips an empty text", " \n ", []],
  ])("splits the text of a query: %s", (_, sql, texts) => {
    expect(textsOf(sql)).toEqual(texts);
  });

  test("assigns the parameters to the last statement", () => {
    const params = [1, "x"];
    expect(pieces({ sql: "SELECT 1; SELECT ?, ?", params }, 3)).toEqual([
      { sql: "SELECT 1;", params: [], of: 3 },
      { sql: "SELECT ?, ?", params, of: 3 },
    ]);
  });

  test.each([
    ["SELECT ?; SELECT 1", "only the last statement can have parameters"],
    [";", "did not contain a statement"],
    ["/* c */", "did not contain a statement"],
  ])("rejects the text %s with the reason", (sql, why) => {
    expect(() => pieces({ sql, params: [] }, 5)).toThrow(
      expect.objectContaining({ message: expect.stringContaining(why), index: 5 }),
    );
  });
});

/** The result, or the error's message. */
async function outcomeOf(work: () => Promise<unknown>): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    return error instanceof Error ? error.message : error;
  }
}

const alone =
  (sql: string, ...params: unknown[]) =>
  async (d1: D1Client): Promise<unknown> => {
    const { results, meta } = await d1
      .prepare(sql)
      .bind(...params)
      .all();
    return { results, changes: meta.changes, last: meta.last_row_id, changed: meta.changed_db };
  };

const batch =
  (...texts: string[]) =>
  async (d1: D1Client): Promise<unknown> => {
    const answers = await d1.batch(texts.map((sql) => d1.prepare(sql)));
    return answers.map(({ results, meta }) => [results, meta.changes]);
  };

const exec =
  (sql: string) =>
  async (d1: D1Client): Promise<unknown> =>
    (await d1.exec(sql)).count;

describe("a remote database and one in memory", () => {
  test.each<[string, (d1: D1Client) => Promise<unknown>]>([
    [
      "a text of several statements: the last one's rows, all changes",
      alone("INSERT INTO t VALUES(1); INSERT INTO t VALUES(2),(3); SELECT count(*) AS n FROM t"),
    ],
    ["several statements that write", alone("INSERT INTO t VALUES(1); INSERT INTO t VALUES(2)")],
    [
      "several statements, the last with parameters",
      alone("INSERT INTO t VALUES(1); INSERT INTO t VALUES(?)", 7),
    ],
    [
      "several statements, the first with parameters",
      alone("INSERT INTO t VALUES(?); SELECT 1", 7),
    ],
    ["several statements, of which one fails", alone("INSERT INTO t VALUES(1); SELEC")],
    ["too few parameters", alone("SELECT ?, ?", 1)],
    ["too many parameters", alone("SELECT ?", 1, 2)],
    ["an empty text", alone("")],
    ["a block comment", alone("/* c */")],
    ["a line comment", alone("-- c")],
    ["an indented line comment", alone("  -- c")],
    ["a semicolon", alone(";")],
    ["a typo", alone("SELEC 1")],
    ["a missing table", alone("SELECT * FROM nope")],
    ["a constraint", alone("INSERT INTO u VALUES(1),(1)")],
    ["a pragma that is not allowed", alone("PRAGMA journal_mode")],
    ["a transaction", alone("BEGIN")],
    ["a batch", batch("INSERT INTO t VALUES(1)", "SELECT a FROM t", "DELETE FROM t")],
    [
      "a batch of texts with several statements",
      batch("INSERT INTO t VALUES(1); INSERT INTO t VALUES(2)", "SELECT a FROM t; SELECT 5 AS b"),
    ],
    ["a batch with a comment", batch("INSERT INTO t VALUES(1)", "  -- c", "SELECT a FROM t")],
    [
      "a batch that begins with a comment and ends with spaces",
      batch("\n -- c", "SELECT 1 AS a", "  "),
    ],
    ["a batch of only comments", batch("  -- c", " ")],
    ["an empty batch", batch()],
    ["a batch with a comment that D1 rejects", batch("INSERT INTO t VALUES(1)", "/* c */")],
    ["a batch of which one fails", batch("INSERT INTO t VALUES(1)", "INSERT INTO u VALUES(1),(1)")],
    ["exec", exec("INSERT INTO t VALUES(1)\nINSERT INTO t VALUES(2)")],
    ["exec of two statements on a line", exec("INSERT INTO t VALUES(1); INSERT INTO t VALUES(2)")],
    ["exec of one statement on two lines", exec("INSERT INTO t\nVALUES(1)")],
    ["exec of an empty text", exec("")],
    ["exec with an indented comment", exec("SELECT 1\n  -- c\nSELECT 2")],
    ["a text with NUL in it", alone("SELECT 'a\0b' AS x")],
    ["a text with NUL after it", alone("SELECT 1 AS x\0 DROP TABLE t")],
    [
      "changes of the schema",
      batch("CREATE TABLE x(a PRIMARY KEY)", "ALTER TABLE x ADD COLUMN b", "DROP TABLE x"),
    ],
  ])("return the same for %s", async (_, ask) => {
    const { d1 } = await fakeRemote();
    const memory = openMemory();
    const outcomes: unknown[] = [];
    for (const one of [memory.d1, d1]) {
      await one.exec("CREATE TABLE t(a)\nCREATE TABLE u(a UNIQUE)");
      const outcome = await outcomeOf(async () => ask(one));
      const rows = await one.prepare("SELECT a FROM t").raw();
      outcomes.push({ outcome, rows });
    }
    memory.close();
    expect(outcomes[1]).toEqual(outcomes[0]);
  });
});
