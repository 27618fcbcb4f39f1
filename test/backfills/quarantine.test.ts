import { describe, expect, test } from "vitest";
import type { Backfill } from "../../src/backfills/backfill.ts";
import type { D1Database, D1PreparedStatement } from "../../src/database/port.ts";
import { memory, progress, quarantine, rowBackfill, rows, run, sqlBackfill } from "./engine.ts";

const TABLE = "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT, n INTEGER UNIQUE)";

/** Both kinds report a row as invalid if its `v` is not `ok`, with `v` as the reason. */
const kinds: readonly [string, () => Backfill][] = [
  [
    "SQL",
    () =>
      sqlBackfill(`-- d1ops:source t
-- d1ops:key id
-- d1ops:outcome
CASE WHEN v = 'ok' THEN 'already' ELSE 'invalid: ' || v END
-- d1ops:write
UPDATE t SET v = v WHERE id IN (SELECT id FROM todo);
`),
  ],
  [
    "a program",
    () =>
      rowBackfill(
        {
          source: "t",
          key: "id",
          decide: ({ v }) =>
            v === "ok" ? { outcome: "already" } : { outcome: "invalid", reason: String(v) },
        },
        "0001_fill",
      ),
  ],
];

describe.each(kinds)("the quarantine of a backfill in %s", (_, backfill) => {
  test("stores the last run's result for a row that an earlier run also quarantined", async () => {
    const d1 = await memory(`${TABLE};\nINSERT INTO t(v) VALUES ('old'), ('ok')`);
    await run(d1, backfill());
    expect(await quarantine(d1)).toMatchObject([{ key: "1", reason: "old" }]);
    // A user who wants to begin again may delete only one of the two tables.
    await rows(d1, "DELETE FROM d1ops_backfills");
    await rows(d1, "UPDATE t SET v = 'new' WHERE id = 1");
    expect((await run(d1, backfill())).ending).toEqual({ kind: "scanned" });
    expect(await quarantine(d1)).toMatchObject([
      { key: "1", reason: "new", original: '{"id":1,"v":"new","n":null}' },
    ]);
  });
});

/** Calls `happens` after each batch that the database has rejected. */
function afterRefusals(d1: D1Database, happens: () => Promise<unknown>): D1Database {
  return {
    prepare: (query: string) => d1.prepare(query),
    exec: (query: string) => d1.exec(query),
    async batch<T>(statements: D1PreparedStatement[]) {
      try {
        return await d1.batch<T>(statements);
      } catch (error) {
        await happens();
        throw error;
      }
    },
  };
}

describe("a rejected row that another client deletes before it is set aside", () => {
  const clash = (): Backfill =>
    sqlBackfill(`-- d1ops:source t
-- d1ops:key id
-- d1ops:write
UPDATE t SET n = 7 WHERE id IN (SELECT id FROM todo);
`);

  test("is neither counted nor quarantined if it no longer exists", async () => {
    const d1 = await memory(`${TABLE};\nINSERT INTO t(id, v, n) VALUES (1, 'a', 1), (2, 'b', 2)`);
    const losing = afterRefusals(d1, () => rows(d1, "DELETE FROM t WHERE id = 2"));
    const one = { windowRows: 1, limits: { targetMs: 200, maxRows: 1 } };
    expect((await run(losing, clash(), one)).ending).toEqual({ kind: "scanned" });
    expect((await progress(d1)).counts).toMatchObject({ scanned: 1, changed: 1, conflict: 0 });
    expect(await quarantine(d1)).toEqual([]);
    expect(await rows(d1, "SELECT id, n FROM t")).toEqual([{ id: 1, n: 7 }]);
  });

  test("is counted and quarantined once if it still exists", async () => {
    const d1 = await memory(`${TABLE};\nINSERT INTO t(id, v, n) VALUES (1, 'a', 1), (2, 'b', 2)`);
    expect((await run(d1, clash())).ending).toEqual({ kind: "scanned" });
    expect((await progress(d1)).counts).toMatchObject({ scanned: 2, changed: 1, conflict: 1 });
    expect(await quarantine(d1)).toMatchObject([{ key: "2", outcome: "conflict" }]);
  });

  test("replaces an older entry in the quarantine", async () => {
    const d1 = await memory(`${TABLE};\nINSERT INTO t(id, v, n) VALUES (1, 'a', 1), (2, 'old', 2)`);
    await run(d1, clash());
    await rows(d1, "DELETE FROM d1ops_backfills");
    await rows(d1, "UPDATE t SET v = 'new' WHERE id = 2");
    await run(d1, clash());
    expect(await quarantine(d1)).toMatchObject([
      { key: "2", outcome: "conflict", original: '{"id":2,"v":"new","n":2}' },
    ]);
  });
});

describe("what the quarantine stores of a program's row", () => {
  const invalid = (
    key: string | readonly string[],
    decide: (row: Record<string, unknown>) => void,
  ) =>
    rowBackfill(
      {
        source: "t",
        key,
        decide: (row) => {
          decide(row);
          return { outcome: "invalid", reason: "no" };
        },
      },
      "0001_fill",
    );

  test("stores all parts of a composite key", async () => {
    const d1 = await memory(
      "CREATE TABLE t(a TEXT, b INTEGER, PRIMARY KEY (a, b)) WITHOUT ROWID;\nINSERT INTO t VALUES ('x', 7)",
    );
    await run(
      d1,
      invalid(["a", "b"], () => {}),
    );
    expect(await quarantine(d1)).toMatchObject([{ key: "'x', 7" }]);
  });

  test("stores integers beyond 2^53 exactly", async () => {
    const d1 = await memory(
      "CREATE TABLE t(id INTEGER PRIMARY KEY);\nINSERT INTO t VALUES (9007199254740993)",
    );
    await run(
      d1,
      invalid("id", () => {}),
    );
    expect(await quarantine(d1)).toMatchObject([
      { key: "9007199254740993", original: '{"id":"9007199254740993"}' },
    ]);
  });

  test("stores the row as it was read, even if the program changes its copy", async () => {
    const d1 = await memory(
      "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT, b BLOB);\nINSERT INTO t VALUES (1, 'v', x'0AFF')",
    );
    await run(
      d1,
      invalid("id", (row) => {
        row["v"] = "changed";
        if (Array.isArray(row["b"])) row["b"].fill(0);
      }),
    );
    expect(await quarantine(d1)).toMatchObject([{ original: '{"id":1,"v":"v","b":"0AFF"}' }]);
  });
});
