import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openMemory } from "../../src/database/memory.ts";
import type { D1Database, D1PreparedStatement, Database } from "../../src/database/port.ts";
import { applyMigrations } from "../../src/migrations/apply.ts";
import type { ApplyRequest, ApplyResult } from "../../src/migrations/migration-run.ts";
import { readLedger } from "../../src/migrations/ledger.ts";
import { OpsError } from "../../src/report/error.ts";
import type { Migration } from "../../src/migrations/migration.ts";
import { migration } from "./make.ts";

const TABLE = "d1_migrations";
let database: Database;

beforeEach(() => {
  database = openMemory();
});
afterEach(() => database.close());

function request(folder: readonly Migration[], over: Partial<ApplyRequest> = {}): ApplyRequest {
  let clock = 0;
  return {
    d1: database.d1,
    table: TABLE,
    folder,
    to: null,
    allow: new Set(),
    author: { appliedBy: "zoe@example", commit: "abc123", tool: "d1ops 0.0.0" },
    ledger: [],
    lease: null,
    gate: null,
    notReady: undefined,
    sleep: async () => {},
    now: () => (clock += 1),
    before: async () => "continue",
    ...over,
  };
}

/** Reads the ledger, then applies, as the verb does. */
async function applyFresh(made: ApplyRequest): Promise<ApplyResult> {
  return applyMigrations({ ...made, ledger: await readLedger(made.d1, TABLE) });
}

function statuses({ outcomes }: ApplyResult): string[] {
  return outcomes.map(({ status, migration: { name } }) => `${name.slice(0, 4)} ${status}`);
}

async function tables(): Promise<string[]> {
  const { results } = await database.d1
    .prepare(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_cf%' ESCAPE '\\' ORDER BY name",
    )
    .all<{ name: string }>();
  return results.map(({ name }) => name);
}

const users = migration(
  "0001_users.sql",
  "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL);\nINSERT INTO users(name) VALUES ('Zoe'), ('Elise'), ('Ana');",
);
const orders = migration(
  "0002_orders.sql",
  "CREATE TABLE orders(id INTEGER PRIMARY KEY, user INTEGER REFERENCES users(id));",
);
const broken = migration(
  "0002_broken.sql",
  "CREATE TABLE half(a);\nINSERT INTO half VALUES (1);\nINSERT INTO nowhere VALUES (1);\nCREATE TABLE never(a);",
);
const items = migration("0003_items.sql", "CREATE TABLE items(a);");

describe("a migration that changes the ledger", () => {
  const renumber = migration(
    "0002_renumber.sql",
    "UPDATE d1_migrations SET name = '0003_items.sql' WHERE name = '0002_items.sql';",
  );
  const old = migration("0002_items.sql", items.text);

  test("can rename an applied migration, which does not run again", async () => {
    await applyFresh(request([users, old]));
    const result = await applyFresh(
      request([users, renumber, items], { allow: new Set(["renamed", "missing", "out-of-order"]) }),
    );
    expect(statuses(result)).toEqual(["0002 done", "0003 applied by another run"]);
    expect((await readLedger(database.d1, TABLE)).map(({ name }) => name)).toEqual([
      users.name,
      items.name,
      renumber.name,
    ]);
  });
});

describe("applyMigrations", () => {
  test("runs each migration and records it in both ledgers", async () => {
    const result = await applyFresh(request([users, orders]));
    expect(result.stopped).toBe("no");
    expect(statuses(result)).toEqual(["0001 done", "0002 done"]);
    expect(await tables()).toEqual([TABLE, "d1ops_migrations", "orders", "users"]);
    expect(await readLedger(database.d1, TABLE)).toMatchObject([
      {
        id: 1,
        name: "0001_users.sql",
        record: {
          checksum: users.checksum,
          rowsWritten: 3,
          appliedBy: "zoe@example",
          commit: "abc123",
        },
      },
      { id: 2, name: "0002_orders.sql", record: { checksum: orders.checksum, rowsWritten: 0 } },
    ]);
  });

  test("measures the time inside the transaction", async () => {
    await applyFresh(request([users]));
    const [row] = await readLedger(database.d1, TABLE);
    expect(row?.record?.durationMs).toBeGreaterThanOrEqual(0);
    expect(row?.record?.durationMs).toBeLessThan(60_000);
  });

  test("applies nothing in a second run", async () => {
    await applyFresh(request([users, orders]));
    const result = await applyFresh(request([users, orders]));
    expect(result).toMatchObject({ stopped: "no", outcomes: [] });
  });

  test("records a file without statements", async () => {
    const note = migration("0001_note.sql", "-- a word to the reader");
    expect(statuses(await applyFresh(request([note])))).toEqual(["0001 done"]);
    expect(statuses(await applyFresh(request([note])))).toEqual([]);
  });

  test("rolls back a migration that fails, keeps those before it, and runs none after it", async () => {
    const result = await applyFresh(request([users, broken, items]));
    expect(result.stopped).toBe("failure");
    expect(statuses(result)).toEqual(["0001 done", "0002 failed", "0003 skipped"]);
    expect(result.outcomes[1]).toMatchObject({
      failure: {
        kind: "statement",
        index: 2,
        message: expect.stringMatching(/^no such table: nowhere/),
      },
    });
    expect(await tables()).toEqual([TABLE, "d1ops_migrations", "users"]);
    expect((await readLedger(database.d1, TABLE)).map(({ name }) => name)).toEqual([
      "0001_users.sql",
    ]);
  });

  test("leaves no ledger if the first migration fails", async () => {
    await applyFresh(request([broken]));
    expect(await tables()).toEqual([]);
  });

  test("rolls back a migration that drops the ledger, and reports that it could not record it", async () => {
    const vandal = migration("0001_vandal.sql", "DROP TABLE d1_migrations;");
    const result = await applyFresh(request([vandal]));
    expect(result.outcomes[0]).toMatchObject({ status: "failed", failure: { kind: "record" } });
    expect(await tables()).toEqual([]);
  });

  test("resets the PRAGMAs that outlive a transaction", async () => {
    const careless = migration(
      "0001_careless.sql",
      "PRAGMA ignore_check_constraints = ON;\nCREATE TABLE t(a CHECK (a > 0));\nINSERT INTO t VALUES (-1);",
    );
    const next = migration("0002_next.sql", "INSERT INTO t VALUES (-2);");
    const result = await applyFresh(request([careless, next]));
    expect(statuses(result)).toEqual(["0001 done", "0002 failed"]);
    expect(result.outcomes[1]).toMatchObject({
      failure: { message: expect.stringContaining("CHECK constraint failed") },
    });
  });

  test("counts the rows that triggers and cascades write", async () => {
    const schema = migration(
      "0001_schema.sql",
      "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(p REFERENCES p ON DELETE CASCADE); INSERT INTO p VALUES (1),(2); INSERT INTO c VALUES (1),(1),(2);",
    );
    const purge = migration("0002_purge.sql", "DELETE FROM p WHERE id = 1;");
    await applyFresh(request([schema, purge]));
    const ledger = await readLedger(database.d1, TABLE);
    expect(ledger.map(({ record }) => record?.rowsWritten)).toEqual([5, 3]);
  });

  test("stops between two migrations if `before` returns stop", async () => {
    const result = await applyMigrations(
      request([users, orders, items], {
        before: async (_, done) => (done === 1 ? "stop" : "continue"),
      }),
    );
    expect(result).toMatchObject({ stopped: "interrupt", obstacles: [] });
    expect(statuses(result)).toEqual(["0001 done", "0002 skipped", "0003 skipped"]);
  });

  test("reports a locked database in the middle of the run, and keeps what is applied", async () => {
    let batches = 0;
    const d1: D1Database = {
      prepare: (query: string) => database.d1.prepare(query),
      exec: (query: string) => database.d1.exec(query),
      async batch<T>(statements: D1PreparedStatement[]) {
        if (statements.length > 2) batches += 1;
        if (batches === 2 && statements.length > 2) throw busy;
        return database.d1.batch<T>(statements);
      },
    };
    const busy = new OpsError(
      "DATABASE_BUSY",
      { path: "x.sqlite", waitedMs: 5000, holders: [] },
      { message: "The database is locked.", hint: "Wait." },
    );
    const result = await applyFresh(request([users, orders, items], { d1 }));
    expect(result.stopped).toBe("failure");
    expect(statuses(result)).toEqual(["0001 done", "0002 failed", "0003 skipped"]);
    expect(result.outcomes[1]).toMatchObject({ failure: { kind: "error", error: busy } });
  });

  test("applies nothing if the plan has obstacles", async () => {
    await applyFresh(request([items]));
    const result = await applyFresh(request([users, items]));
    expect(result).toMatchObject({ stopped: "obstacles", obstacles: [{ kind: "out-of-order" }] });
    expect(statuses(result)).toEqual(["0001 skipped"]);
    expect(await tables()).not.toContain("users");
  });
});

describe("applyMigrations with another runner at the same time", () => {
  /** Runs `interfere` once, right before the n-th batch of the run. */
  function interrupted(n: number, interfere: () => Promise<unknown>): D1Database {
    let batches = 0;
    return {
      prepare: (query: string) => database.d1.prepare(query),
      exec: (query: string) => database.d1.exec(query),
      async batch<T>(statements: D1PreparedStatement[]) {
        if (statements.length > 2) batches += 1;
        if (statements.length > 2 && batches === n) await interfere();
        return database.d1.batch<T>(statements);
      },
    };
  }

  test("reports that another runner applied a migration, and continues", async () => {
    const d1 = interrupted(1, () => applyFresh(request([users])));
    const result = await applyFresh(request([users, orders], { d1 }));
    expect(statuses(result)).toEqual(["0001 applied by another run", "0002 done"]);
    const { results } = await database.d1.prepare("SELECT count(*) AS n FROM users").all();
    expect(results).toEqual([{ n: 3 }]);
  });

  test("reports a migration that wrangler applied in between, and continues", async () => {
    const d1 = interrupted(2, async () => {
      await database.d1.batch([
        database.d1.prepare(orders.statements[0]?.text ?? ""),
        database.d1.prepare("INSERT INTO d1_migrations(name) VALUES ('0002_orders.sql')"),
      ]);
    });
    const result = await applyFresh(request([users, orders, items], { d1 }));
    expect(statuses(result)).toEqual(["0001 done", "0002 applied by another run", "0003 done"]);
  });

  test("stops if another runner applies a later migration, which makes its own out of order", async () => {
    const d1 = interrupted(2, async () => {
      await database.d1.batch([
        database.d1.prepare("CREATE TABLE items(a)"),
        database.d1.prepare("INSERT INTO d1_migrations(name) VALUES ('0003_items.sql')"),
      ]);
    });
    const result = await applyFresh(request([users, orders, items], { d1 }));
    expect(result).toMatchObject({ stopped: "obstacles", obstacles: [{ kind: "out-of-order" }] });
    expect(statuses(result)).toEqual(["0001 done", "0002 skipped", "0003 skipped"]);
  });

  describe("if the database is replaced by an empty one", () => {
    const replace = async (): Promise<void> => {
      for (const table of await tables()) await database.d1.prepare(`DROP TABLE ${table}`).run();
    };

    test("stops, and reports no migration as applied that is gone", async () => {
      const d1 = interrupted(3, replace);
      const result = await applyFresh(request([users, orders, items], { d1 }));
      expect(statuses(result)).toEqual(["0001 skipped", "0002 skipped", "0003 failed"]);
      expect(result.stopped).toBe("failure");
      expect(result.outcomes.at(-1)).toMatchObject({
        failure: {
          kind: "error",
          error: {
            code: "LEDGER_LOST",
            message: expect.stringContaining(
              "no longer has 0001_users.sql and 1 more migration: the database was deleted, replaced",
            ),
            details: { migrations: ["0001_users.sql", "0002_orders.sql"] },
          },
        },
      });
      expect(await tables()).toEqual([]);
    });

    test("stops before the first migration, if earlier runs applied some", async () => {
      await applyFresh(request([users, orders]));
      const d1 = interrupted(1, replace);
      const result = await applyFresh(request([users, orders, items], { d1 }));
      expect(statuses(result)).toEqual(["0003 failed"]);
      expect(await tables()).toEqual([]);
    });
  });

  test("runs each migration exactly once with five runners at once", async () => {
    const folder = Array.from({ length: 20 }, (_, i) =>
      migration(
        `${String(i + 1).padStart(4, "0")}_x.sql`,
        i === 0 ? "CREATE TABLE n(v); INSERT INTO n VALUES (0);" : "UPDATE n SET v = v + 1;",
      ),
    );
    const results = await Promise.all(Array.from({ length: 5 }, () => applyFresh(request(folder))));
    const done = results.flatMap(statuses).filter((line) => line.endsWith("done"));
    expect(done.sort()).toEqual(folder.map(({ name }) => `${name.slice(0, 4)} done`));
    const { results: rows } = await database.d1.prepare("SELECT v FROM n").all();
    expect(rows).toEqual([{ v: 19 }]);
  });
});
