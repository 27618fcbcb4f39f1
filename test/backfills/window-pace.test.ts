import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  cutToRate,
  nextWindow,
  restAfter,
  restsOf,
  smallerWindow,
  windowAfterBadRows,
} from "../../src/backfills/window-pace.ts";

describe("the size of the next window", () => {
  const limits = { targetMs: 200, maxRows: 1000 };

  test.each([
    [100, 200, 100],
    [100, 100, 200],
    [100, 10, 200],
    [100, 0, 200],
    [100, 400, 50],
    [100, 60_000, 50],
    [100, 150, 133],
    [900, 10, 1000],
    [1, 60_000, 1],
    [5000, 200, 1000],
  ])("is computed from the last window: after %i rows in %i ms it is %i", (rows, took, next) => {
    expect(nextWindow(rows, took, limits)).toBe(next);
  });

  test("approaches the target time and stays there", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.25, max: 50, noNaN: true }),
        fc.integer({ min: 1, max: 1000 }),
        (perRow, start) => {
          let rows = start;
          for (let i = 0; i < 20; i += 1) rows = nextWindow(rows, rows * perRow, limits);
          const wanted = Math.min(1000, Math.max(1, 200 / perRow));
          expect(Math.abs(rows - wanted)).toBeLessThanOrEqual(Math.max(1, wanted * 0.1));
        },
      ),
    );
  });

  test.each([
    [10_000, 100, 100],
    [10_000, 99.9, 99],
    [50, 100, 50],
    [50, 0.01, 1],
    [50, 0, 50],
    [50, null, 50],
  ])("is cut from %i rows at %s rows per second to %i", (rows, rate, size) => {
    expect(cutToRate(rows, rate)).toBe(size);
  });

  test.each([
    [0, 500],
    [1, 250],
    [8, 1],
    [2000, 1],
  ])("shrinks with consecutive bad rows: after %i of them it is %i", (badInARow, rows) => {
    expect(windowAfterBadRows(500, badInARow)).toBe(rows);
  });

  test("is halved after a refusal, to at least one row", () => {
    expect([9, 8, 3, 2, 1].map(smallerWindow)).toEqual([4, 4, 1, 1, 1]);
  });
});

describe("the wait between windows", () => {
  test.each([
    [100, 0, null, 0, 0],
    [100, 0, null, 50, 50],
    [100, 0, 0, 0, 0],
    [50, 0, 50, 0, 1000],
    [50, 400, 50, 0, 600],
    [25, 0, 50, 0, 500],
    [100, 0, 50, 0, 1000],
    [1, 0, 0.5, 0, 2000],
    [99, 0, 0.5, 0, 2000],
    [100, 5000, 50, 0, 0],
    [100, 5000, 50, 30, 30],
    [100, 0, 50, 5000, 5000],
    [0, 0, 50, 0, 0],
  ])(
    "depends on rate and pause: after %i rows in %i ms at %s rows per second and a pause of %i ms it is %i ms",
    (rows, took, rate, pauseMs, rest) => {
      expect(restAfter(rows, took, rate, pauseMs)).toBe(rest);
    },
  );

  test("is split into parts shorter than the silence after which a run counts as dead", () => {
    expect(restsOf(0)).toEqual([]);
    expect(restsOf(5)).toEqual([5]);
    expect(restsOf(20_000)).toEqual([20_000]);
    expect(restsOf(50_000)).toEqual([20_000, 20_000, 10_000]);
  });
});
