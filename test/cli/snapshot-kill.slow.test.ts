import { killSnapshots } from "./kill-snapshots.ts";

/** `snapshot-kill.long.test.ts` kills three times as often. */
killSnapshots(Number(process.env["D1OPS_TEST_KILLS"] ?? 4), 600_000);
