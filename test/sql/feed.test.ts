import { describe, expect, test } from "vitest";
import { feed } from "../../src/sql/feed.ts";
import { cuts } from "../../src/sql/split.ts";
import { random } from "./random.ts";
import { randomFragments } from "./random.ts";
import { script } from "./scripts.ts";

/** Feeds the text in pieces of these sizes, repeated in order, and returns the statements. */
function fed(sql: string, sizes: readonly number[]): string[] {
  const text = feed();
  const found: string[] = [];
  for (let at = 0, i = 0; at < sql.length; i += 1) {
    const size = sizes[i % sizes.length] ?? 1;
    found.push(...text.take(sql.slice(at, at + size)));
    at += size;
  }
  return [...found, ...text.end()];
}

/** The expected statements: the text between the cuts of the whole text, and the rest. */
function whole(sql: string): string[] {
  const ends = cuts(sql);
  const found = ends.map((end, i) => sql.slice(ends[i - 1] ?? 0, end));
  const rest = sql.slice(ends.at(-1) ?? 0);
  return rest.trim() === "" ? found : [...found, rest];
}

describe("feed", () => {
  test.each([
    ["nothing", "", []],
    ["nothing but space", " \n", []],
    ["two statements", "SELECT 1;\nSELECT 2;\n", ["SELECT 1;", "\nSELECT 2;"]],
    ["no last semicolon", "SELECT 1;SELECT 2", ["SELECT 1;", "SELECT 2"]],
    [
      "a doubled quote and a semicolon in quotes",
      "SELECT 'it''s;', \"a;b\";",
      ["SELECT 'it''s;', \"a;b\";"],
    ],
    [
      "a trigger",
      "CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; SELECT 2; END;SELECT 3;",
      ["CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; SELECT 2; END;", "SELECT 3;"],
    ],
    ["comments", "-- a;b\nSELECT 1 /* ; */;-- c", ["-- a;b\nSELECT 1 /* ; */;", "-- c"]],
  ])("returns the same statements for pieces of any size: %s", (_, sql, statements) => {
    for (const size of [1, 2, 3, 7, 1000])
      expect(fed(sql, [size]), `by ${size}`).toEqual(statements);
  });

  test("returns a statement as soon as it ends", () => {
    const text = feed();
    expect(text.take("SELECT 1;SELECT ")).toEqual(["SELECT 1;"]);
    expect(text.take("2222222222222222222222222222222222222222222222222222;")).toEqual([
      "SELECT 2222222222222222222222222222222222222222222222222222;",
    ]);
    expect(text.end()).toEqual([]);
  });

  test("returns the statements of the whole text, wherever the pieces are cut", () => {
    const from = random(20_261_126);
    let statements = 0;
    for (let round = 0; round < 3000; round += 1) {
      const sql = round % 2 === 0 ? script(from, 6).sql : randomFragments(from, 40);
      if (sql.includes("\0")) continue;
      const sizes = Array.from({ length: 3 }, () => 1 + from.below(12));
      const found = fed(sql, sizes);
      statements += found.length;
      expect(found, JSON.stringify({ sql, sizes })).toEqual(whole(sql));
    }
    expect(statements).toBeGreaterThan(5000);
  });
});
