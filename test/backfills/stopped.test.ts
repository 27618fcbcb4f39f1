import { expect, test } from "vitest";
import { stop } from "../../src/backfills/begin.ts";
import { memory, plain, progress, request, rows, run } from "./engine.ts";
import { runBackfill } from "../../src/backfills/run-backfill.ts";

/** A run that waits between two windows for longer than the silence after which it counts as dead. */

const THREE =
  "CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER DEFAULT 0);\nINSERT INTO t(id) VALUES (1), (2), (3)";
const FILL = plain("t", "id", "UPDATE t SET n = n + 1 WHERE id IN (SELECT id FROM todo);");
const LONG_RESTS = { windowRows: 1, limits: { targetMs: 200, maxRows: 1 }, pauseMs: 200_000 };

test("a run ends after one window if another command pauses it while it waits", async () => {
  const d1 = await memory(THREE);
  let slept = 0;
  const { ending } = await run(d1, FILL, {
    ...LONG_RESTS,
    sleep: async () => {
      slept += 1;
      if (slept === 1) await stop(d1, "0001_fill", "paused");
    },
  });
  expect(ending).toEqual({ kind: "stopped", how: "paused" });
  expect(slept).toBe(1);
  expect(await rows(d1, "SELECT sum(n) AS n FROM t")).toEqual([{ n: 1 }]);
});

test("a run ends and reports its counts if its state is removed while it waits", async () => {
  const d1 = await memory(THREE);
  const { ending, progress: last } = await run(d1, FILL, {
    ...LONG_RESTS,
    sleep: async () => {
      await rows(d1, "DELETE FROM d1ops_backfills");
    },
  });
  expect(ending).toEqual({ kind: "stopped", how: "removed" });
  expect(last.counts).toMatchObject({ scanned: 1, changed: 1 });
});

test("a second run fails with BACKFILL_HELD, the holder, and the commands to watch and pause it", async () => {
  const d1 = await memory(THREE);
  const theirs = request(d1, FILL);
  let refused: unknown = null;
  await runBackfill({
    ...request(d1, FILL, LONG_RESTS),
    sleep: async () => {
      refused ??= await runBackfill(theirs).catch((error: unknown) => error);
    },
  });
  expect(refused).toMatchObject({
    code: "BACKFILL_HELD",
    details: {
      name: "0001_fill",
      holder: expect.stringContaining("nia@example.com"),
      since: (await progress(d1)).startedAt,
    },
    hint: expect.stringMatching(
      /backfill status 0001_fill\nTo stop it.*:\n.*backfill cancel 0001_fill --pause/,
    ),
  });
});
