import { describe, expect, test } from "vitest";
import {
  snapshotTakeReport,
  type TakeResult,
} from "../../../src/snapshots/report/snapshot-take-report.ts";
import { file, handMade, table } from "../hand-made.ts";

const before = handMade("01d", {
  tables: [table("users", "a", "b"), table("logs", "c")],
  files: [file("same.txt", "s"), file("edited.txt", "e")],
});
const after = handMade("abc1", {
  tables: [table("users", "a", "B"), table("logs", "c"), table("fresh", "d")],
  files: [file("same.txt", "s"), file("edited.txt", "E"), file("fresh.txt", "f")],
});

function report(more: Partial<TakeResult> = {}): ReturnType<typeof snapshotTakeReport> {
  const taken = { ...after, added: 1234 };
  const result = {
    taken,
    short: "abc1",
    location: "/b",
    previous: before,
    dryRun: false,
    isEncrypted: false,
    ...more,
  };
  return snapshotTakeReport(result);
}

describe("the report of snapshot take", () => {
  test("warns if the previous snapshot is of a later time, because latest then names that one", () => {
    const later = handMade("beef", { manifest: { takenAt: "2036-01-01T00:00:00.000Z" } });
    expect(report({ previous: later })).toMatchObject({
      outcome: "changed",
      findings: [
        {
          rule: "newer-snapshot",
          level: "warning",
          message: expect.stringContaining("beef0000 was taken at 2036-01-01 00:00:00 UTC"),
        },
      ],
    });
    expect(report().findings).toEqual([]);
  });

  test("says which tables and files have changed since the previous snapshot", () => {
    const { steps, summary, outcome, data, next } = report();
    expect(steps?.map(({ name, note = "" }) => `${name}: ${note.split(", ").at(-1)}`)).toEqual([
      "users: changed",
      "logs: unchanged",
      "fresh: new",
      "same.txt: unchanged",
      "edited.txt: changed",
      "fresh.txt: new",
    ]);
    expect(summary).toBe(
      "Took the snapshot abc1 of shop-db (local), 3 tables, 40 rows, 3 files, 700 bytes: 1.2 kB added to /b",
    );
    expect(outcome).toBe("changed");
    expect(data).toMatchObject({
      addedBytes: 1234,
      previous: before.id,
      snapshot: { id: after.id },
    });
    expect(next).toEqual(["d1ops snapshot verify abc1 --drill"]);
  });

  test("compares with nothing if it is the first one", () => {
    expect(report({ previous: null }).steps?.[0]?.note).toBe("20 rows, 200 bytes");
  });

  test("plans in a dry run, and has no id", () => {
    const { outcome, steps, data, next } = report({ dryRun: true });
    expect(outcome).toBe("ok");
    expect(new Set(steps?.map(({ status }) => status))).toEqual(new Set(["planned"]));
    expect(data).toMatchObject({ snapshot: { id: null } });
    expect(next).toEqual([]);
  });
});
