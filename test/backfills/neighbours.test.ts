/** Several backfills in one database: each run writes only its own state. */
import { describe, expect, test } from "vitest";
import type { Backfill } from "../../src/backfills/backfill.ts";
import { quarantinedSince, reconcile } from "../../src/backfills/rows-left.ts";
import type { D1Database } from "../../src/database/port.ts";
import { memory, plain, progress, rowBackfill, rows, run, sqlBackfill } from "./engine.ts";

const ONE_EACH = { windowRows: 1, limits: { targetMs: 200, maxRows: 1 } } as const;

const first = (): Backfill =>
  plain(
    "t",
    "id",
    "UPDATE t SET a = a + 1 WHERE id IN (SELECT id FROM todo)",
    "-- d1ops:outcome\nCASE WHEN id = 1 THEN 'invalid: the first' ELSE 'changed' END\n",
  );

/** Twelve rows, and a backfill that was stopped after three of them. */
async function withFirst(rate: number | null = null): Promise<D1Database> {
  const d1 =
    await memory(`CREATE TABLE t(id INTEGER PRIMARY KEY, a INTEGER DEFAULT 0, b INTEGER UNIQUE);
WITH RECURSIVE k(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < 12) INSERT INTO t(id) SELECT i FROM k`);
  let windows = 0;
  const onWindow = (): void => {
    windows += 1;
  };
  await run(d1, first(), { ...ONE_EACH, rate, onWindow, stopping: () => windows === 3 });
  expect(await progress(d1)).toMatchObject({ state: "paused", cursor: ["3"] });
  return d1;
}

const others: readonly [string, () => Backfill][] = [
  [
    "one statement",
    () => plain("t", "id", "UPDATE t SET b = id WHERE id IN (SELECT id FROM todo)"),
  ],
  [
    "several statements, and rows for the quarantine",
    () =>
      sqlBackfill(
        `-- d1ops:source t
-- d1ops:key id
-- d1ops:outcome
CASE WHEN id % 4 = 0 THEN 'conflict: the fourth' WHEN id % 4 = 1 THEN 'invalid' ELSE 'changed' END
-- d1ops:write
UPDATE t SET b = id WHERE id IN (SELECT id FROM todo);
UPDATE t SET b = b + 100 WHERE id IN (SELECT id FROM todo);
`,
        "0002_other",
      ),
  ],
  [
    "rows that the database refuses",
    () =>
      sqlBackfill(
        "-- d1ops:source t\n-- d1ops:key id\n-- d1ops:write\nUPDATE t SET b = id / 2 WHERE id IN (SELECT id FROM todo);\n",
        "0002_other",
      ),
  ],
  [
    "a program, and rows that the database refuses",
    () =>
      rowBackfill(
        {
          source: "t",
          key: "id",
          decide: ({ id }) => ({
            outcome: "changed",
            writes: [["UPDATE t SET b = ? / 2 WHERE id = ?", id, id]],
          }),
        },
        "0002_other",
      ),
  ],
];

describe.each(others)("a backfill with %s", (_, other) => {
  test("leaves the state and the quarantine of a paused backfill unchanged", async () => {
    const d1 = await withFirst();
    const state = await rows(d1, "SELECT * FROM d1ops_backfills WHERE name = '0001_fill'");
    const kept = await rows(d1, "SELECT * FROM d1ops_quarantine");
    expect((await run(d1, { ...other(), name: "0002_other" })).ending).toEqual({ kind: "scanned" });
    expect(await rows(d1, "SELECT * FROM d1ops_backfills WHERE name = '0001_fill'")).toEqual(state);
    expect(await rows(d1, "SELECT * FROM d1ops_quarantine WHERE backfill = '0001_fill'")).toEqual(
      kept,
    );
    expect((await progress(d1, "0002_other")).counts.scanned).toBe(12);
    await run(d1, first());
    expect(await rows(d1, "SELECT count(*) AS n, sum(a) AS sum, max(a) AS most FROM t")).toEqual([
      { n: 12, sum: 11, most: 1 },
    ]);
  });
});

test("the rate of one backfill does not cut the windows of another", async () => {
  const d1 = await withFirst(1);
  const other = plain("t", "id", "UPDATE t SET b = id WHERE id IN (SELECT id FROM todo)");
  await run(d1, { ...other, name: "0002_other" });
  // Seven rows, five rows.
  expect(await progress(d1, "0002_other")).toMatchObject({ windows: 2, cursor: ["12"] });
});

test("a successful reconciliation does not reconcile another backfill", async () => {
  const d1 = await withFirst();
  await run(d1, first());
  const other = {
    ...plain("t", "id", "UPDATE t SET b = id WHERE id IN (SELECT id FROM todo)"),
    name: "0002_other",
    reconcile: "SELECT id FROM t WHERE b IS NULL",
  };
  await run(d1, other);
  expect(await reconcile(d1, other)).toEqual({ outcome: "empty" });
  expect(await progress(d1, "0002_other")).toMatchObject({ state: "reconciled" });
  expect(await progress(d1)).toMatchObject({ state: "scanned", reconciledAt: null });
});

test("the list of quarantined rows of a run excludes those of another backfill", async () => {
  const d1 = await withFirst();
  expect(await quarantinedSince(d1, "0002_other", 0)).toEqual({ count: 0, rows: [] });
  expect(await quarantinedSince(d1, "0001_fill", 0)).toEqual({
    count: 1,
    rows: [{ key: "1", outcome: "invalid", reason: "the first" }],
  });
});
