import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const core = readFileSync(join(import.meta.dirname, "../../dist/parts/core.cjs"), "utf8");

test("the built program marks what `migrate status` calls, and not what only a failure calls", () => {
  expect({
    readLedger: core.includes("var readLedger=(async function "),
    notALedger: core.includes("async function notALedger("),
  }).toEqual({ readLedger: true, notALedger: true });
});
