import { expect, test } from "vitest";
import { costOf } from "../../src/report/billing.ts";

test("costOf returns a tenth of a cent for a million rows read, and one dollar for a million rows written", () => {
  expect(costOf(1_000_000, 0)).toBeCloseTo(0.001, 9);
  expect(costOf(0, 1_000_000)).toBeCloseTo(1, 9);
});
