import { describe, expect, test } from "vitest";
import { damage } from "../../../src/snapshots/store/unreadable.ts";
import { NOWHERE } from "../../../src/snapshots/store/unwritten.ts";
import {
  snapshotVerifyReport,
  type Verified,
} from "../../../src/snapshots/report/snapshot-verify-report.ts";
import type { Damage } from "../../../src/snapshots/verify/contradictions.ts";
import { handMade, table } from "../hand-made.ts";

const snapshot = handMade("abc1", { tables: [table("users", "a")] });
const GOOD = { failure: null, problems: [], orphans: [], differences: [] };

function report(
  more: Partial<Verified>,
  isDrill = more.drill !== undefined,
): ReturnType<typeof snapshotVerifyReport> {
  const one = {
    snapshot,
    damages: [],
    drill: null,
    durationMs: 5,
    proof: null,
    findings: [],
    ...more,
  };
  const short = (id: string): string => id.slice(0, 4);
  return snapshotVerifyReport({
    location: "/b",
    short,
    verified: [one],
    unreadable: [],
    keyDamages: [],
    isDrill,
  });
}

function lost(kind: "table" | "file", name: string, object: string, problem: string): Damage {
  return { loses: { kind, name }, error: damage(NOWHERE, object, problem) };
}

describe("the report of snapshot verify", () => {
  test("says that a snapshot is intact, and suggests the drill", () => {
    expect(report({})).toMatchObject({
      outcome: "ok",
      summary: "abc1: intact",
      findings: [],
      checks: [{ id: "abc1/snapshot.intact", outcome: "pass" }],
      next: ["d1ops snapshot verify abc1 --drill"],
    });
  });

  test("suggests no drill for a snapshot of files only, and says that a drill has nothing to rebuild", () => {
    const files = handMade("abc1", { files: [] });
    expect(report({ snapshot: files })).toMatchObject({ summary: "abc1: intact", next: [] });
    expect(report({ snapshot: files }, true)).toMatchObject({
      outcome: "ok",
      summary: "abc1: intact, and it has no database that a drill could rebuild",
      next: [],
    });
  });

  test("has one finding for each damaged object, with all that is lost with it", () => {
    const other = "has other bytes than d1ops wrote";
    const damages = [
      lost("table", "users", "packs/1", `${other} at byte 10`),
      lost("table", "users", "packs/1", `${other} at byte 20`),
      lost("file", "a.txt", "packs/1", `${other} at byte 30`),
      { loses: null, error: damage(NOWHERE, "packs/1", other) },
      { loses: null, error: damage(NOWHERE, "packs/2", "is missing") },
    ];
    const { outcome, findings, checks, data } = report({ damages });
    expect(outcome).toBe("problems");
    expect(findings).toMatchObject([
      {
        rule: "snapshot-damaged",
        message:
          "The store nowhere is damaged: packs/1 has other bytes than d1ops wrote at byte 10. With it, the snapshot abc1 has lost rows of users and the files a.txt.",
        help: expect.stringContaining("The next `snapshot take` stores again"),
        data: { object: "packs/1", tables: ["users"], files: ["a.txt"] },
      },
      {
        message:
          "The store nowhere is damaged: packs/2 is missing. The snapshot abc1 does not need the damaged bytes.",
      },
    ]);
    expect(checks).toMatchObject([{ outcome: "fail", measured: "2 damaged objects" }]);
    expect(data).toMatchObject({ snapshots: [{ intact: false, drill: null }] });
  });

  test("passes four checks after a drill", () => {
    const { summary, checks, next } = report({ drill: GOOD });
    expect(summary).toBe("abc1: intact, and the drill rebuilt this database");
    expect(checks?.map(({ outcome }) => outcome)).toEqual(["pass", "pass", "pass", "pass"]);
    expect(next).toEqual([]);
  });

  test.each([
    [
      { failure: "No such module." },
      "drill-failed",
      ["pass", "not-checked", "not-checked", "not-checked"],
    ],
    [
      { problems: ["row 1 missing from index i"] },
      "drill-integrity",
      ["pass", "fail", "pass", "pass"],
    ],
    [
      { differences: ["the table users has other rows"] },
      "drill-differs",
      ["pass", "pass", "pass", "fail"],
    ],
  ])("fails after a drill that found %j", (found, rule, outcomes) => {
    const { outcome, findings, checks, steps } = report({ drill: { ...GOOD, ...found } });
    expect(outcome).toBe("problems");
    expect(findings).toMatchObject([{ rule, level: "error" }]);
    expect(checks?.map((one) => one.outcome)).toEqual(outcomes);
    expect(steps).toMatchObject([{ status: "failed" }]);
  });

  test("only warns of rows without a parent, because the database had them", () => {
    const { outcome, findings, checks } = report({
      drill: { ...GOOD, orphans: [{ table: "orders", rows: 2 }] },
    });
    expect(outcome).toBe("ok");
    expect(findings).toMatchObject([{ rule: "orphans", level: "warning", table: "orders" }]);
    expect(checks?.[2]).toMatchObject({ outcome: "warn", measured: "2 orphans" });
  });
});
