import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import { openLocal } from "../../../src/database/local.ts";
import { OpsError } from "../../../src/report/error.ts";
import { writeDatabase } from "../../../src/snapshots/restore/write-database.ts";
import { folderForEach, target } from "../../database/folder.ts";
import { contentOf } from "../../database/round-trip/content-of.ts";
import { memoryStore } from "../../database/round-trip/memory-store.ts";
import { restore, run, takeFrom } from "../../database/round-trip/round-trip.ts";
import { writing } from "./written-databases.ts";

const folder = folderForEach();

interface Written {
  /** Null if the database equals the snapshot. */
  readonly error: unknown;
  readonly isUnchanged: boolean;
  readonly content: ReturnType<typeof contentOf>;
}

/** Writes a snapshot of a database that `wanted` makes into one that `present` makes. SQLite accepts more of both than D1. */
async function write(wanted: readonly string[], present: readonly string[]): Promise<Written> {
  const [source, copy, live] = ["source", "copy", "live"].map((name) =>
    join(folder.path, `${name}.sqlite`),
  ) as [string, string, string];
  run(source, wanted);
  run(live, present);
  const before = contentOf(live);
  const store = memoryStore();
  const from = openLocal(source, target, { mode: "read" });
  const snapshot = await takeFrom(from.d1, store, null);
  from.close();
  await restore(store, snapshot, copy);
  const rebuilt = openLocal(copy, target, { mode: "read" });
  const to = openLocal(live, target, { mode: "write" });
  try {
    const error = await writeDatabase(writing(to.d1, { store, snapshot, copy: rebuilt.d1 })).then(
      (differences) => (differences.length === 0 ? null : differences),
      (thrown: unknown) => thrown,
    );
    const content = contentOf(live);
    return {
      error,
      content,
      isUnchanged: isDeepStrictEqual(content, before),
    };
  } finally {
    rebuilt.close();
    to.close();
  }
}

const PRESENT = ["CREATE TABLE old(a)", "INSERT INTO old VALUES (1)"];

describe("refuses before it writes anything", () => {
  test.each<[string, string[], string | null, RegExp]>([
    [
      "a value of more than 2,000,000 bytes, with the key of its row",
      [
        "CREATE TABLE docs(id INTEGER PRIMARY KEY, body)",
        "INSERT INTO docs VALUES (16, zeroblob(2000000)), (17, zeroblob(2000001))",
      ],
      "docs",
      /the row with id 17 of docs: its values have 2,000,001 bytes, and D1 allows 2,000,000/,
    ],
    [
      "a row whose values have more than 2,000,000 bytes together",
      [
        "CREATE TABLE docs(name TEXT, n INTEGER, body, more, PRIMARY KEY (name, n)) WITHOUT ROWID",
        "INSERT INTO docs VALUES ('it''s', 2, zeroblob(1500000), printf('%.*c', 600000, 'é'))",
      ],
      "docs",
      /the row with name, n 'it''s',2 of docs: its values have [\d,]+ bytes/,
    ],
    [
      "a row of a virtual table that is too large",
      [
        "CREATE VIRTUAL TABLE notes USING fts5(body)",
        "INSERT INTO notes(rowid, body) VALUES (5, printf('%.*c', 2100000, 'a'))",
      ],
      "notes",
      /the row with rowid 5 of notes: its values have 2,100,000 bytes/,
    ],
    [
      "a foreign key that names no key",
      [
        "CREATE TABLE users(id INTEGER PRIMARY KEY, email)",
        "CREATE TABLE orders(id INTEGER PRIMARY KEY, email REFERENCES users(email))",
        "INSERT INTO orders VALUES (1, NULL)",
      ],
      "orders",
      /the rows of orders: foreign key mismatch - "orders" referencing "users"/,
    ],
    [
      "a foreign key to a table that does not exist",
      [
        "CREATE TABLE orders(id INTEGER PRIMARY KEY, user REFERENCES users)",
        "INSERT INTO orders VALUES (1, NULL)",
      ],
      "orders",
      /the rows of orders: no such table: main\.users/,
    ],
    [
      "a CHECK with a function that D1 does not have",
      ["CREATE TABLE checked(a CHECK (a <> sqlite_version()))", "INSERT INTO checked VALUES (1)"],
      "checked",
      /the table checked: not authorized to use function: sqlite_version/,
    ],
    [
      "a module that D1 does not have",
      ["CREATE VIRTUAL TABLE old_notes USING fts4(body)"],
      "old_notes",
      /the table old_notes: not authorized/,
    ],
    [
      "an index without content",
      [
        "CREATE VIRTUAL TABLE found USING fts5(body, content='')",
        "INSERT INTO found(rowid, body) VALUES (1, 'red apples')",
      ],
      "found",
      /the FTS5 table found: it is an index without content/,
    ],
  ])("%s", async (_, wanted, table, reason) => {
    const { error, isUnchanged } = await write(wanted, PRESENT);
    expect(error).toBeInstanceOf(OpsError);
    expect(error).toMatchObject({ code: "SNAPSHOT_INCOMPLETE", details: { table } });
    expect(String(error)).toMatch(reason);
    expect(isUnchanged).toBe(true);
  });

  test("a table of the present that D1 cannot drop", async () => {
    const { error, isUnchanged } = await write(
      ["CREATE TABLE new(a)"],
      [
        ...PRESENT,
        "CREATE TABLE a(id INTEGER PRIMARY KEY, b REFERENCES b(x) ON DELETE CASCADE)",
        "CREATE TABLE b(id INTEGER PRIMARY KEY, a REFERENCES a ON DELETE CASCADE, x)",
      ],
    );
    expect(String(error)).toMatch(/the table a: foreign key mismatch - "a" referencing "b"/);
    expect(isUnchanged).toBe(true);
  });

  test("all that D1 would refuse, in one message", async () => {
    const { error } = await write(
      [
        "CREATE TABLE docs(id INTEGER PRIMARY KEY, body)",
        "INSERT INTO docs SELECT value, zeroblob(2000001) FROM json_each('[1,2,3]')",
        "CREATE VIRTUAL TABLE old_notes USING fts4(body)",
      ],
      PRESENT,
    );
    expect(String(error)).toMatch(/4 parts.*the table old_notes/s);
    expect(String(error)).toMatch(/id 1 of docs.*id 2 of docs.*id 3 of docs/s);
  });
});

describe("accepts what is at D1 already", () => {
  test("a table with a foreign key that names no key, if its rows are equal", async () => {
    const both = [
      "CREATE TABLE users(id INTEGER PRIMARY KEY, email)",
      "CREATE TABLE orders(id INTEGER PRIMARY KEY, email REFERENCES users(email))",
      "INSERT INTO orders VALUES (1, NULL)",
      "CREATE TABLE other(a)",
    ];
    const { error } = await write([...both, "INSERT INTO other VALUES (1)"], both);
    expect(error).toBeNull();
  });

  test("values of exactly 2,000,000 bytes", async () => {
    const { error } = await write(
      [
        "CREATE TABLE docs(id INTEGER PRIMARY KEY, body)",
        "INSERT INTO docs VALUES (1, zeroblob(2000000))",
      ],
      PRESENT,
    );
    expect(error).toBeNull();
  });
});

describe("an index that the present lacks", () => {
  const TABLE = "CREATE TABLE users(id INTEGER PRIMARY KEY, email, data)";

  test("is created although rows of the present violate it", async () => {
    const index = ["CREATE UNIQUE INDEX by_email ON users(email)"];
    const { error, content } = await write(
      [TABLE, ...index, "INSERT INTO users VALUES (1, 'a', 1), (2, 'b', 2)"],
      [TABLE, "INSERT INTO users VALUES (1, 'a', 1), (2, 'a', 2), (3, 'a', 3)"],
    );
    expect(error).toBeNull();
    expect(content.rows["users"]).toHaveLength(2);
  });

  test("is created although a table that is dropped has an index of this name", async () => {
    const index = "CREATE INDEX by_email ON users(email)";
    const { error } = await write(
      [TABLE, index, "INSERT INTO users VALUES (1, 'a', 1)"],
      [TABLE, index, "ALTER TABLE users RENAME TO people"],
    );
    expect(error).toBeNull();
  });

  test("is created although its expression fails for rows of the present", async () => {
    const index = ["CREATE INDEX by_name ON users(data ->> '$.name')"];
    const { error } = await write(
      [TABLE, ...index, `INSERT INTO users VALUES (1, 'a', '{"name":"Nia"}')`],
      [TABLE, "INSERT INTO users VALUES (1, 'a', 'not JSON')"],
    );
    expect(error).toBeNull();
  });

  test("is created although a foreign key of another table needs it", async () => {
    const index = ["CREATE UNIQUE INDEX by_email ON users(email)"];
    const orders = "CREATE TABLE orders(id INTEGER PRIMARY KEY, email REFERENCES users(email))";
    const { error } = await write(
      [
        TABLE,
        orders,
        ...index,
        "INSERT INTO users VALUES (1, 'a', 1), (2, 'b', 2)",
        "INSERT INTO orders VALUES (1, 'b')",
      ],
      [
        TABLE,
        orders,
        "INSERT INTO users VALUES (1, 'a', 1), (2, 'a', 2)",
        "INSERT INTO orders VALUES (1, 'a')",
      ],
    );
    expect(error).toBeNull();
  });
});

describe("tables with several parents", () => {
  const PARENTS = [
    "CREATE TABLE users(id INTEGER PRIMARY KEY)",
    "CREATE TABLE goods(id INTEGER PRIMARY KEY)",
  ];
  const ORDERS =
    "CREATE TABLE orders(id INTEGER PRIMARY KEY, user REFERENCES users ON DELETE CASCADE, good REFERENCES goods ON DELETE CASCADE)";
  const ROWS = [
    "INSERT INTO users VALUES (1), (2)",
    "INSERT INTO goods VALUES (1), (2)",
    "INSERT INTO orders VALUES (1, 1, 1), (2, 2, 2)",
  ];

  test("are dropped with their parents", async () => {
    const { error } = await write(PRESENT, [...PRESENT, ...PARENTS, ORDERS, ...ROWS]);
    expect(error).toBeNull();
  });

  test("stay if both parents have another definition", async () => {
    const columns = ["ALTER TABLE users ADD COLUMN name", "ALTER TABLE goods ADD COLUMN name"];
    const { error, content } = await write(
      [...PARENTS, ORDERS, ...ROWS],
      [...PARENTS, ORDERS, ...ROWS, ...columns],
    );
    expect(error).toBeNull();
    expect(content.rows["orders"]).toHaveLength(2);
  });

  test("refer to a new parent afterwards", async () => {
    const other = ORDERS.replace("goods", "things");
    const { error } = await write(
      [
        PARENTS[0] ?? "",
        "CREATE TABLE things(id INTEGER PRIMARY KEY)",
        other,
        "INSERT INTO things VALUES (1), (2)",
        ...ROWS,
      ],
      [...PARENTS, ORDERS, ...ROWS, "ALTER TABLE users ADD COLUMN name"],
    );
    expect(error).toBeNull();
  });

  test("are created in the other letter case of their name", async () => {
    const { error } = await write(
      [...PARENTS, ...ROWS],
      ["CREATE TABLE USERS(id INTEGER PRIMARY KEY)", "INSERT INTO USERS VALUES (7)"],
    );
    expect(error).toBeNull();
  });
});
