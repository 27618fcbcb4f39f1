import { describe, expect, test } from "vitest";
import { errorOfLost, failureOf, isLost, refusalOf } from "../../src/failure/kind.ts";
import { OpsError } from "../../src/report/error.ts";

const lost = new OpsError(
  "OUTCOME_UNKNOWN",
  { status: 502, reason: "a gateway failed" },
  { message: "m", hint: "h" },
);

describe("what a Worker's binding throws", () => {
  test.each([
    ["D1_ERROR: no such table: t at offset 14: SQLITE_ERROR", "refused"],
    [
      "D1_ERROR: UNIQUE constraint failed: t.a: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_UNIQUE)",
      "refused",
    ],
    ["D1_ERROR: no such column: overloaded at offset 7: SQLITE_ERROR", "refused"],
    ["D1_ERROR: Wrong number of parameter bindings for SQL query.", "refused"],
    ["D1_TYPE_ERROR: Type 'object' not supported for value '[object Object]'", "refused"],
    ["D1_ERROR: D1 DB is overloaded. Too many requests queued.", "not done"],
    ["D1_ERROR: D1 DB is overloaded. Requests queued for too long.", "not done"],
    ["D1_ERROR: Network connection lost.", "unknown"],
    [
      "D1_ERROR: D1 DB storage operation exceeded timeout which caused object to be reset.",
      "unknown",
    ],
    ["D1_ERROR: D1 DB exceeded its memory limit and was reset.", "unknown"],
    ["D1_ERROR: internal error; reference = 0123", "unknown"],
  ])("%s is %s", (message, kind) => {
    const error = new Error(message);
    expect(failureOf(error)).toMatchObject({ kind, error, index: null, place: null });
    expect(failureOf(error)?.reason).toBe(message.replace(/^\w+: /, ""));
    expect(refusalOf(error) !== null).toBe(kind === "refused");
    expect(isLost(error)).toBe(kind === "unknown");
  });
});

test("an adapter's mark counts more than the words", () => {
  const error = Object.assign(new Error("D1_ERROR: internal error"), {
    kind: "refused",
    index: 2,
    place: 7,
  });
  expect(failureOf(error)).toMatchObject({ kind: "refused", index: 2, place: 7 });
});

test("a mark that is none of ours does not count", () => {
  const error = Object.assign(new Error("D1_ERROR: internal error"), { kind: "odd", index: "2" });
  expect(failureOf(error)).toMatchObject({ kind: "unknown", index: null });
});

test("an answer of Cloudflare that was lost is unknown, with its reason", () => {
  expect(failureOf(lost)).toMatchObject({ kind: "unknown", reason: "a gateway failed" });
  expect(isLost(lost)).toBe(true);
  expect(refusalOf(lost)).toBeNull();
});

test("every other error of ours was not done: no statement was looked at", () => {
  const error = new OpsError("LEASE_LOST", { run: 7 }, { message: "m", hint: "h" });
  expect(failureOf(error)).toMatchObject({ kind: "not done", reason: "m" });
});

test.each([[new TypeError("x is not a function")], ["D1_ERROR: a text"], [null], [undefined]])(
  "%s is a fault of the program",
  (error) => expect(failureOf(error)).toBeNull(),
);

test("a lost answer of a binding becomes an error of ours, and one of ours stays", () => {
  const plain = failureOf(new Error("D1_ERROR: Network connection lost."));
  const made = plain === null ? null : errorOfLost(plain);
  expect(made).toMatchObject({
    code: "OUTCOME_UNKNOWN",
    details: { status: null, reason: "Network connection lost." },
    cause: plain?.error,
  });
  const ours = failureOf(lost);
  expect(ours === null ? null : errorOfLost(ours)).toBe(lost);
});
