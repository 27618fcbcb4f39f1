import { beforeAll, describe, expect, test } from "vitest";
import { offsetOf, placeOf } from "../../src/database/error-offset.ts";
import { tokenize } from "../../src/sql/tokens.ts";
import { random, type Random } from "../sql/random.ts";
import { execute, prepare } from "../sql/sqlite.ts";

/** Compares the places with SQLite's own `sqlite3_error_offset`, which node:sqlite does not expose. */

beforeAll(() =>
  execute(`CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT, name TEXT, created_at TEXT);
    CREATE TABLE users_new(id INTEGER PRIMARY KEY, email TEXT, name TEXT, created_at TEXT);
    CREATE TABLE orders(id INTEGER PRIMARY KEY, user_id REFERENCES users(id), total REAL, created_at TEXT);
    CREATE INDEX orders_user ON orders(user_id);
    CREATE VIEW totals AS SELECT user_id, sum(total) AS total FROM orders GROUP BY user_id;`),
);

const errorOf = (sql: string): string | null => prepare(sql).error;

/** SQLite's error offset in UTF-16 units; -1 if SQLite reports none. */
function sqliteOffset(sql: string): number {
  const { offset } = prepare(sql);
  return offset < 0 ? -1 : Buffer.from(sql).subarray(0, offset).toString().length;
}

/** The position as `line:column`. */
function lineColumn(sql: string, place: number): string {
  const before = sql.slice(0, place).split("\n");
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}

describe("placeOf in a statement of several lines", () => {
  test.each<[name: string, sql: string, at: string, silent?: "silent"]>([
    [
      "a column that the target has and the source lacks",
      "INSERT INTO users_new (\n  id,\n  phone_name,\n  total\n)\nSELECT id, name FROM users",
      "3:3",
      "silent",
    ],
    [
      "a name that is valid in the column list and unknown in the SELECT",
      "INSERT INTO users_new (id, email, created_at)\nSELECT\n  id,\n  email,\n  created_at\nFROM totals",
      "3:3",
    ],
    [
      "the same kind of name some lines below",
      "INSERT INTO orders (user_id, total, created_at)\nSELECT\n  user_id,\n  total,\n  created_at\nFROM totals",
      "5:3",
    ],
    [
      "an ambiguous column",
      "INSERT INTO users_new (id, name)\nSELECT\n  users.id,\n  created_at\nFROM users\nJOIN orders ON orders.user_id = users.id",
      "4:3",
    ],
    [
      "an ambiguous column whose name occurs before in a subquery",
      "SELECT (SELECT id FROM users LIMIT 1),\n  users.id,\n  id\nFROM users, orders",
      "3:3",
    ],
    [
      "a qualified column",
      "UPDATE users SET name = (\n  SELECT o.name\n  FROM orders o\n  WHERE o.user_id = users.id\n)",
      "2:10",
    ],
    ["an updated column", "UPDATE users\nSET name = 'x',\n  phone = name", "3:3", "silent"],
    [
      "a column of a constraint",
      "CREATE TABLE x (\n  name TEXT,\n  CHECK (nam <> ''),\n  UNIQUE (nam)\n)",
      "4:11",
    ],
    [
      "the second of two columns with the same name",
      "CREATE TABLE x (\n  name TEXT,\n  email TEXT,\n  Name TEXT\n)",
      "4:3",
      "silent",
    ],
    [
      "an unknown table",
      "SELECT user.id\nFROM users\nJOIN user ON user.id = users.id",
      "3:6",
      "silent",
    ],
    ["a table that exists already", "CREATE TABLE\n  users (\n  users TEXT\n)", "2:3"],
    ["an unknown function", "SELECT total\nFROM totals\nWHERE nope(1) > 1", "3:7"],
    [
      "a function that has the name of a column",
      "SELECT orders.total,\n  total\nFROM orders\nWHERE total(1, 2) > 0",
      "4:7",
    ],
    ["an aggregate", "SELECT max(id)\nFROM users\nWHERE max(id) > 1", "3:7"],
    ["an unexpected token", "SELECT 1,\n  2\nFORM users\nFORM users", "3:6"],
    ["a name without letters", "SELECT 1\nFROM users\nWHERE _1 = 2", "3:7"],
    ["a name that is not ASCII", "SELECT name\nFROM users\nWHERE été = 'été'", "3:7"],
  ])("finds the position of the error: %s", (_, sql, at, silent) => {
    const { error } = prepare(sql);
    if (error === null) throw new Error(`SQLite accepts it: ${sql}`);
    const place = placeOf(sql, error, errorOf);
    expect(place === null ? error : lineColumn(sql, place)).toBe(at);
    expect(lineColumn(sql, sqliteOffset(sql)) === at).toBe(silent === undefined);
  });
});

const BASES = [
  "INSERT INTO users_new (id, email, name, created_at)\nSELECT id, email, name, created_at\nFROM users\nWHERE email IS NOT NULL",
  "INSERT INTO orders (user_id, total)\nSELECT users.id, count(orders.id)\nFROM users\nLEFT JOIN orders ON orders.user_id = users.id\nGROUP BY users.id\nHAVING count(orders.id) > 1",
  "UPDATE users SET name = upper(name),\n  email = (SELECT max(o.total) FROM orders o WHERE o.user_id = users.id)\nWHERE id IN (SELECT user_id FROM orders WHERE total > 1)",
  'DELETE FROM orders\nWHERE user_id NOT IN (SELECT id FROM users WHERE name = "email")',
  "CREATE VIEW v AS\nWITH big(id, total) AS (SELECT user_id, total FROM totals)\nSELECT big.id, big.total, users.name\nFROM big\nJOIN users ON users.id = big.id\nORDER BY total",
  "CREATE TRIGGER tr AFTER UPDATE OF name ON users\nBEGIN\n  INSERT INTO orders(user_id, total) SELECT new.id, total FROM orders WHERE user_id = old.id;\n  UPDATE users SET name = new.name WHERE id = new.id;\nEND",
  "CREATE TABLE x (\n  id INTEGER PRIMARY KEY,\n  name TEXT CHECK (length(name) > 1),\n  total REAL,\n  CHECK (total > id),\n  UNIQUE (name, total),\n  FOREIGN KEY (id) REFERENCES users (id)\n)",
  "CREATE UNIQUE INDEX ix\nON orders (user_id, lower(created_at))\nWHERE total > 1 AND created_at IS NOT NULL",
  "SELECT id, (SELECT id FROM orders WHERE id = users.id) AS total\nFROM users\nWHERE total > 1\nUNION ALL SELECT id, total FROM orders WHERE created_at = ''",
  'WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < 5)\nSELECT n.id, ID, "id", [Id]\nFROM n',
  "INSERT INTO users (id, name) VALUES (1, 'name')\nON CONFLICT (id) DO UPDATE SET name = excluded.name, email = users.email\nRETURNING id, name, email",
  "SELECT total, sum(total) OVER (PARTITION BY user_id ORDER BY id)\nFROM orders\nWINDOW w AS (ORDER BY total)",
];

const NAMES = [
  "id",
  "ID",
  "name",
  "total",
  "zz",
  "t.zz",
  "users",
  "orders.id",
  "nope(1)",
  "max(id)",
  '"Total"',
  "é",
  "main.users",
  "o.id",
  "count(1, 2)",
];

/** A statement in which one or two names are replaced by others. */
function withWrongNames(from: Random): string {
  let sql = from.of(BASES);
  for (let times = 1 + from.below(2); times > 0; times -= 1) {
    const words = tokenize(sql).filter(({ kind }) => kind === "word" || kind === "quoted");
    const { start, end } = from.of(words);
    sql = sql.slice(0, start) + from.of(NAMES) + sql.slice(end);
  }
  return sql;
}

test("placeOf equals SQLite's offset in 20,000 statements with wrong names", () => {
  const from = random(17);
  const tally = { judged: 0, found: 0, silent: 0 };
  for (let n = 0; n < 20_000; n += 1) {
    const sql = withWrongNames(from);
    const { error, offset } = prepare(sql);
    if (error === null) continue;
    const place = placeOf(sql, error, errorOf);
    if (offset < 0) {
      if (place !== null) tally.silent += 1;
      continue;
    }
    tally.judged += 1;
    if (place === null) continue;
    tally.found += 1;
    expect([sql, error, place]).toEqual([sql, error, sqliteOffset(sql)]);
    const told = offsetOf(sql, error, place);
    if (told !== null) expect([sql, error, told]).toEqual([sql, error, offset]);
  }
  process.stdout.write(`offset: ${JSON.stringify(tally)}\n`);
  expect(tally.judged).toBeGreaterThan(15_000);
  expect(tally.found / tally.judged).toBeGreaterThan(0.995);
  expect(tally.silent).toBeGreaterThan(1_000);
});
