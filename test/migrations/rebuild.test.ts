import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { migrateApply } from "../../src/commands/migrate/apply.ts";
import { openMemory } from "../../src/database/memory.ts";
import { makeProject, ROOT } from "../project.ts";

const RECIPE =
  /### Rebuild a table that others reference[^]*?```sql\n([^]*?)```/.exec(
    readFileSync(join(ROOT, "migrations/README.md"), "utf8"),
  )?.[1] ?? "";

const ACTIONS = ["", "ON DELETE CASCADE", "ON DELETE SET NULL", "ON DELETE RESTRICT"] as const;

describe("the recipe of migrations/README.md for a table that others reference", () => {
  test.each(ACTIONS)("keeps the rows of a table that references it %s", async (action) => {
    const { d1, close } = openMemory();
    const setup = [
      "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)",
      `CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id REFERENCES users(id) ${action})`,
      "CREATE TABLE likes (id INTEGER PRIMARY KEY, post_id REFERENCES posts(id) ON DELETE CASCADE)",
      "INSERT INTO users VALUES (0, 'zero'), (1, NULL), (2, 'two')",
      "INSERT INTO posts VALUES (10, 0), (11, 1), (12, 2), (13, NULL)",
      "INSERT INTO likes VALUES (20, 11)",
    ];
    await d1.batch(setup.map((one) => d1.prepare(one)));
    await d1.batch(
      RECIPE.trim()
        .split("\n")
        .map((one) => d1.prepare(one)),
    );
    const rows = async (sql: string): Promise<unknown> => d1.prepare(sql).raw();
    expect(await rows("SELECT id, name FROM users")).toEqual([
      [0, "zero"],
      [1, ""],
      [2, "two"],
    ]);
    expect(await rows("SELECT id, user_id FROM posts")).toEqual([
      [10, 0],
      [11, 1],
      [12, 2],
      [13, null],
    ]);
    expect(await rows("SELECT count(*) FROM likes")).toEqual([[1]]);
    expect(await rows("PRAGMA foreign_key_check")).toEqual([]);
    close();
  });
});

const TABLES =
  "CREATE TABLE users (id INTEGER PRIMARY KEY); CREATE TABLE posts (user_id REFERENCES users(id)); INSERT INTO users VALUES (1); INSERT INTO posts VALUES (1);";

test.each([
  { sql: "DROP TABLE users;", message: "Statement 1 of 1 in 0002_b.sql failed" },
  {
    sql: "PRAGMA defer_foreign_keys = ON; DROP TABLE users;",
    message: "0002_b.sql failed at its end: FOREIGN KEY",
  },
])("points to the recipe after the violation of $sql", async ({ sql, message }) => {
  const project = makeProject({ "migrations/0001_a.sql": TABLES, "migrations/0002_b.sql": sql });
  const report = await migrateApply({ cwd: project.dir, place: "local" });
  expect(report.findings).toContainEqual(
    expect.objectContaining({
      rule: "statement-failed",
      message: expect.stringContaining(message),
      help: expect.stringContaining('follow "Rebuild a table that others reference" in'),
    }),
  );
});
