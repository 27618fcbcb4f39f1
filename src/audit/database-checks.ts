/** @module The checks of a database's health. */
import type { Check } from "../report/report.ts";
import { moment, size } from "../snapshots/report/snapshot-words.ts";
import type { EarlierInventory } from "./earlier-inventory.ts";
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

/** How much the database has grown since an earlier inventory. It has no limit, so it always passes. */
export function growthCheck({ bytes }: Inventory, earlier: EarlierInventory): Check {
  const grown = bytes - earlier.bytes;
  const percent = earlier.bytes === 0 ? "" : ` (${((100 * grown) / earlier.bytes).toFixed(1)} %)`;
  return {
    id: "database.growth",
    outcome: "pass",
    measured: `${grown < 0 ? `${size(-grown)} less` : `${size(grown)} more`}${percent} than on ${moment(earlier.measuredAt)}`,
    expected: null,
    evidence: { bytes, bytesBefore: earlier.bytes, measuredBefore: earlier.measuredAt },
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
