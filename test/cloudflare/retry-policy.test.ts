import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ApiFailure } from "../../src/cloudflare/api-failure.ts";
import { API_ATTEMPTS, type Effect, waitBefore } from "../../src/cloudflare/retry-policy.ts";
import type { FailureKind } from "../../src/failure/kind.ts";
import { backOff } from "../../src/failure/retry.ts";

const LONGEST = 300_000;

const kinds = fc.constantFrom<FailureKind>("refused", "not done", "unknown");
const effects = fc.constantFrom<Effect>("read", "write");
const attempts = fc.integer({ min: 1, max: 60 });
const chance = fc.double({ min: 0, max: 1, noNaN: true });
const failures = fc
  .record({ kind: kinds, retryAfterMs: fc.option(fc.integer({ min: 0, max: 2 * LONGEST })) })
  .map((about) => new ApiFailure("no", about));

describe("waitBefore", () => {
  test.each<[FailureKind, Effect, boolean]>([
    ["refused", "read", false],
    ["refused", "write", false],
    ["not done", "read", true],
    ["not done", "write", true],
    ["unknown", "read", true],
    ["unknown", "write", false],
  ])(
    "returns a wait exactly if the call may be repeated: after %s, a %s: %s",
    (kind, effect, again) => {
      expect(waitBefore(new ApiFailure("", { kind }), effect, 1, 0.5) !== null).toBe(again);
    },
  );

  test("never retries a write that may have been carried out", () => {
    fc.assert(
      fc.property(failures, attempts, chance, (failure, attempt, random) => {
        fc.pre(failure.kind !== "not done");
        expect(waitBefore(failure, "write", attempt, random)).toBeNull();
      }),
    );
  });
});

describe("the wait of waitBefore", () => {
  test("is finite and at most one second longer than the API's window", () => {
    fc.assert(
      fc.property(failures, effects, attempts, chance, (failure, effect, attempt, random) => {
        const wait = waitBefore(failure, effect, attempt, random) ?? 0;
        expect(wait).toBeGreaterThanOrEqual(0);
        expect(wait).toBeLessThanOrEqual(LONGEST + 1000);
      }),
    );
  });

  test("is as long as Retry-After says, and up to a second more", () => {
    const told = fc.integer({ min: 0, max: LONGEST });
    fc.assert(
      fc.property(told, effects, attempts, chance, (retryAfterMs, effect, attempt, random) => {
        const failure = new ApiFailure("", { kind: "not done", retryAfterMs });
        const wait = waitBefore(failure, effect, attempt, random) ?? -1;
        expect(wait).toBeGreaterThanOrEqual(retryAfterMs);
        expect(wait).toBeLessThanOrEqual(retryAfterMs + 1000);
      }),
    );
  });

  test("is null, so that the call is not repeated, if Retry-After exceeds the API's own window", () => {
    const failure = new ApiFailure("", { kind: "not done", retryAfterMs: LONGEST + 1 });
    expect(waitBefore(failure, "read", 1, 0)).toBeNull();
  });

  test("doubles up to ten seconds without Retry-After, randomly reduced by up to a half", () => {
    fc.assert(
      fc.property(attempts, chance, (attempt, random) => {
        const most = Math.min(10_000, 250 * 2 ** attempt);
        const wait = backOff(attempt, random);
        expect(wait).toBeGreaterThanOrEqual(most / 2);
        expect(wait).toBeLessThanOrEqual(most);
        const unknown = new ApiFailure("", { kind: "unknown" });
        expect(waitBefore(unknown, "read", attempt, random)).toBe(wait);
      }),
    );
    expect([1, 2, 3, 4, 5, 6, 7].map((attempt) => backOff(attempt, 1))).toEqual([
      500, 1000, 2000, 4000, 8000, 10_000, 10_000,
    ]);
  });

  test("adds up to about half a minute in seven attempts", () => {
    const waits = (random: number): number =>
      Array.from({ length: API_ATTEMPTS - 1 }, (_, i) => backOff(i + 1, random)).reduce(
        (a, b) => a + b,
      );
    expect(waits(0)).toBeGreaterThan(10_000);
    expect(waits(1)).toBeLessThan(30_000);
  });
});
