import { describe, expect, test } from "vitest";
import {
  lostAnswerError,
  failureOf,
  isAnswerLost,
  lacksSchema,
  missingIn,
  refusalOf,
} from "../../src/failure/kind.ts";
import { OpsError } from "../../src/report/error.ts";

const lost = new OpsError(
  "OUTCOME_UNKNOWN",
  { status: 502, reason: "a gateway failed" },
  { message: "m", hint: "h" },
);

describe("failureOf of an error of a Worker's binding", () => {
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
  ])("classifies %s as %s", (message, kind) => {
    const error = new Error(message);
    expect(failureOf(error)).toMatchObject({ kind, error, index: null, place: null });
    expect(failureOf(error)?.reason).toBe(message.replace(/^\w+: /, ""));
    expect(refusalOf(error) !== null).toBe(kind === "refused");
    expect(isAnswerLost(error)).toBe(kind === "unknown");
  });
});

test("failureOf prefers the mark of an adapter to the message", () => {
  const error = Object.assign(new Error("D1_ERROR: internal error"), {
    kind: "refused",
    index: 2,
    place: 7,
  });
  expect(failureOf(error)).toMatchObject({ kind: "refused", index: 2, place: 7 });
});

test("failureOf ignores an unknown mark", () => {
  const error = Object.assign(new Error("D1_ERROR: internal error"), { kind: "odd", index: "2" });
  expect(failureOf(error)).toMatchObject({ kind: "unknown", index: null });
});

test("failureOf returns unknown with the reason for a lost answer of Cloudflare", () => {
  expect(failureOf(lost)).toMatchObject({ kind: "unknown", reason: "a gateway failed" });
  expect(isAnswerLost(lost)).toBe(true);
  expect(refusalOf(lost)).toBeNull();
});

test("failureOf returns `not done` for every other OpsError, because D1 received no statement", () => {
  const error = new OpsError("LEASE_LOST", { run: 7 }, { message: "m", hint: "h" });
  expect(failureOf(error)).toMatchObject({ kind: "not done", reason: "m" });
});

test.each([[new TypeError("x is not a function")], ["D1_ERROR: a text"], [null], [undefined]])(
  "failureOf returns null for %s, which is an error of the program",
  (error) => expect(failureOf(error)).toBeNull(),
);

test("lostAnswerError turns a lost answer of a binding into OUTCOME_UNKNOWN, and returns an OpsError unchanged", () => {
  const plain = failureOf(new Error("D1_ERROR: Network connection lost."));
  const made = plain === null ? null : lostAnswerError(plain);
  expect(made).toMatchObject({
    code: "OUTCOME_UNKNOWN",
    details: { status: null, reason: "Network connection lost." },
    cause: plain?.error,
  });
  const ours = failureOf(lost);
  expect(ours === null ? null : lostAnswerError(ours)).toBe(lost);
});

describe("missingIn", () => {
  test.each([
    ["D1_ERROR: no such table: t: SQLITE_ERROR", { kind: "table", name: "t" }],
    ["D1_ERROR: no such table: main.t", { kind: "table", name: "main.t" }],
    ["D1_ERROR: no such column: a at offset 7: SQLITE_ERROR", { kind: "column", name: "a" }],
    ["D1_ERROR: no such function: f at offset 7: SQLITE_ERROR", null],
    ["no such table: t", null],
  ])("returns the missing object that D1 names: %s", (message, missing) => {
    expect(missingIn(new Error(message))).toEqual(missing);
  });

  test.each([
    ["D1_ERROR: no such table: t: SQLITE_ERROR", true],
    ["D1_ERROR: table t has no column named a: SQLITE_ERROR", true],
    [
      "D1_ERROR: ON CONFLICT clause does not match any PRIMARY KEY or UNIQUE constraint: SQLITE_ERROR",
      true,
    ],
    ["D1_ERROR: UNIQUE constraint failed: t.a: SQLITE_CONSTRAINT", false],
    ["table t has no column named a", false],
  ])("is used by lacksSchema: %s is %s", (message, lacks) => {
    expect(lacksSchema(new Error(message))).toBe(lacks);
  });

  test("ignores the message of a trigger that says the same", () => {
    const raised =
      "D1_ERROR: no such table: t: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_TRIGGER)";
    expect(missingIn(new Error(raised))).toBeNull();
  });
});
