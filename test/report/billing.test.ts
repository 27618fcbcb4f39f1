import { expect, test } from "vitest";
import { costOf } from "../../src/report/billing.ts";

test("costOf: a million rows read cost a tenth of a cent, a million rows written one dollar", () => {
  expect(costOf(1_000_000, 0)).toBeCloseTo(0.001, 9);
  expect(costOf(0, 1_000_000)).toBeCloseTo(1, 9);
});
