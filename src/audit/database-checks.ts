/** @module The checks of a database's health. */
import type { Check } from "../report/report.ts";
import { size } from "../snapshots/report/snapshot-words.ts";
import type { Inventory } from "./inventory.ts";
import { QUICK_CHECK } from "./measure-objects.ts";
import { CHECKED_BYTES } from "./read-inventory.ts";

/** https://developers.cloudflare.com/d1/platform/limits: a database of a paid plan. That of a free plan may have 500 MB. */
const LIMIT_BYTES = 10_000_000_000;
const WARN_BYTES = 0.8 * LIMIT_BYTES;

export function sizeCheck({ bytes }: Pick<Inventory, "bytes">): Check {
  return {
    id: "database.size",
    outcome: bytes > LIMIT_BYTES ? "fail" : bytes > WARN_BYTES ? "warn" : "pass",
    measured: size(bytes),
    expected: `at most ${size(LIMIT_BYTES)}, D1's limit (500 MB on the free plan)`,
    evidence: {
      bytes,
      limitBytes: LIMIT_BYTES,
      ...(bytes > WARN_BYTES && {
        help: "D1 does not raise this limit. Move rows that are no longer needed to R2 or another database.",
      }),
    },
  };
}

export function quickCheck({ quickCheck: lines, uncounted }: Inventory): Check {
  const check = { id: "database.quick-check", expected: "ok", evidence: { query: QUICK_CHECK } };
  if (lines === null) {
    const measured =
      uncounted === null
        ? `the database has more than ${size(CHECKED_BYTES)}, and D1 would end the check`
        : "the check would read all rows, too";
    return { ...check, outcome: "not-checked", measured };
  }
  const isOk = lines.length === 1 && lines[0] === "ok";
  return { ...check, outcome: isOk ? "pass" : "fail", measured: lines.slice(0, 3).join("; ") };
}
