import { describe, expect, test } from "vitest";
import { timeOf, timestampColumn } from "../../src/audit/last-write.ts";

describe("the column of the last write", () => {
  test.each<[string[], string | null]>([
    [["id", "created_at", "updated_at"], "updated_at"],
    [["id", "createdAt", "updatedAt"], "updatedAt"],
    [["id", "created", "expires_at"], "created"],
    [["id", "sent_at", "name"], "sent_at"],
    [["id", "paid_on"], "paid_on"],
    [["id", "name", "n"], null],
    [["id", "creator", "updates"], null],
  ])("among %j is %j", (names, expected) => {
    expect(timestampColumn(names.map((name) => ({ name })))).toBe(expected);
  });
});

describe("the time that a value means", () => {
  test.each<[unknown, string | null]>([
    ["2025-12-23T12:00:00Z", "2025-12-23T12:00:00.000Z"],
    ["2025-12-23T13:00:00+01:00", "2025-12-23T12:00:00.000Z"],
    ["2025-12-23 12:00:00", "2025-12-23T12:00:00.000Z"],
    ["2025-12-23 12:00:00.250", "2025-12-23T12:00:00.250Z"],
    ["2025-12-23", "2025-12-23T00:00:00.000Z"],
    [1_766_491_200, "2025-12-23T12:00:00.000Z"],
    [1_766_491_200_000, "2025-12-23T12:00:00.000Z"],
    ["1766491200", "2025-12-23T12:00:00.000Z"],
    [1_766_491_200.5, "2025-12-23T12:00:00.500Z"],
    ["2025-13-40", null],
    ["9999-12-31", null],
    [7, null],
    ["soon", null],
    [null, null],
    [[1, 2], null],
    [Number.NaN, null],
  ])("%j is %j", (value, expected) => {
    expect(timeOf(value)).toBe(expected);
  });
});
