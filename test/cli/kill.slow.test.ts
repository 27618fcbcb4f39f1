import { killApplies } from "./kill-apply.ts";

/** `kill.long.test.ts` kills ten times as often. */
killApplies(Number(process.env["D1OPS_TEST_KILLS"] ?? 30), 1_800_000);
