import { describe, expect, test } from "vitest";
import type { D1Client } from "../../src/database/client.ts";
import { openMemory } from "../../src/database/memory.ts";
import { pieces } from "../../src/database/remote-text.ts";
import { remoteGround } from "./remote-fixture.ts";

const textsOf = (sql: string): string[] => pieces({ sql, params: [] }, 0).map((piece) => piece.sql);

describe("a text is cut into its statements", () => {
  test.each<[string, string, string[]]>([
    ["one goes as it is", " SELECT 1 -- x\n;\n", [" SELECT 1 -- x\n;\n"]],
    ["two", "SELECT 1; SELECT 2", ["SELECT 1;", "SELECT 2"]],
    ["a semicolon in a string is none", "SELECT ';'; SELECT 2", ["SELECT ';';", "SELECT 2"]],
    [
      "a trigger is one",
      "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; SELECT 2; END; SELECT 3",
      ["CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; SELECT 2; END;", "SELECT 3"],
    ],
    ["nothing but an indented comment is left out", " -- c", []],
    ["nothing at all too", " \n ", []],
  ])("%s", (_, sql, texts) => {
    expect(textsOf(sql)).toEqual(texts);
  });

  test("only the last has the parameters", () => {
    const params = [1, "x"];
    expect(pieces({ sql: "SELECT 1; SELECT ?, ?", params }, 3)).toEqual([
      { sql: "SELECT 1;", params: [], of: 3 },
      { sql: "SELECT ?, ?", params, of: 3 },
    ]);
  });

  test.each([
    ["SELECT ?; SELECT 1", "only the last statement can have parameters"],
    [";", "did not contain a statement"],
    ["-- c", "did not contain a statement"],
  ])("%s is refused", (sql, why) => {
    expect(() => pieces({ sql, params: [] }, 5)).toThrow(
      expect.objectContaining({ message: expect.stringContaining(why), index: 5 }),
    );
  });
});

/** What came of it, in a word that both can say. */
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

describe("comes to the same as in a database of one's own", () => {
  test.each<[string, (d1: D1Client) => Promise<unknown>]>([
    [
      "a text of several: the last one's rows, all of the changes",
      alone("INSERT INTO t VALUES(1); INSERT INTO t VALUES(2),(3); SELECT count(*) AS n FROM t"),
    ],
    ["several that write", alone("INSERT INTO t VALUES(1); INSERT INTO t VALUES(2)")],
    [
      "several, the last with parameters",
      alone("INSERT INTO t VALUES(1); INSERT INTO t VALUES(?)", 7),
    ],
    ["several, another with parameters", alone("INSERT INTO t VALUES(?); SELECT 1", 7)],
    ["several, of which one fails: nothing stays", alone("INSERT INTO t VALUES(1); SELEC")],
    ["too few parameters", alone("SELECT ?, ?", 1)],
    ["too many parameters", alone("SELECT ?", 1, 2)],
    ["nothing", alone("")],
    ["a comment", alone("-- c")],
    ["an indented comment", alone("  -- c")],
    ["a semicolon", alone(";")],
    ["a typo", alone("SELEC 1")],
    ["a table that is none", alone("SELECT * FROM nope")],
    ["a constraint", alone("INSERT INTO u VALUES(1),(1)")],
    ["a pragma that is not allowed", alone("PRAGMA journal_mode")],
    ["a transaction", alone("BEGIN")],
    ["a batch", batch("INSERT INTO t VALUES(1)", "SELECT a FROM t", "DELETE FROM t")],
    [
      "a batch of texts of several",
      batch("INSERT INTO t VALUES(1); INSERT INTO t VALUES(2)", "SELECT a FROM t; SELECT 5 AS b"),
    ],
    ["a batch with a comment", batch("INSERT INTO t VALUES(1)", "  -- c", "SELECT a FROM t")],
    ["a batch that begins and ends with one", batch("\n -- c", "SELECT 1 AS a", "  ")],
    ["a batch of nothing else", batch("  -- c", " ")],
    ["a batch of nothing", batch()],
    ["a batch with a comment that D1 stumbles over", batch("INSERT INTO t VALUES(1)", "-- c")],
    ["a batch of which one fails", batch("INSERT INTO t VALUES(1)", "INSERT INTO u VALUES(1),(1)")],
    ["exec", exec("INSERT INTO t VALUES(1)\nINSERT INTO t VALUES(2)")],
    ["exec of two on a line", exec("INSERT INTO t VALUES(1); INSERT INTO t VALUES(2)")],
    ["exec of one on two lines", exec("INSERT INTO t\nVALUES(1)")],
    ["exec of nothing", exec("")],
    ["exec with an indented comment", exec("SELECT 1\n  -- c\nSELECT 2")],
    ["a text with NUL in it", alone("SELECT 'a\0b' AS x")],
    ["a text with NUL after it", alone("SELECT 1 AS x\0 DROP TABLE t")],
    [
      "a schema",
      batch("CREATE TABLE x(a PRIMARY KEY)", "ALTER TABLE x ADD COLUMN b", "DROP TABLE x"),
    ],
  ])("%s", async (_, ask) => {
    const { d1 } = await remoteGround();
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
