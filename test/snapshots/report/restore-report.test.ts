import { describe, expect, test } from "vitest";
import { NOWHERE } from "../../../src/snapshots/store/unwritten.ts";
import { damage } from "../../../src/snapshots/store/unreadable.ts";
import { planRestore } from "../../../src/snapshots/restore/restore-plan.ts";
import { lossFindings, type Restore } from "../../../src/snapshots/restore/restore-losses.ts";
import type { ExportChange } from "../../../src/snapshots/store/manifest.ts";
import { restoreReport } from "../../../src/snapshots/report/restore-report.ts";
import { file, handMade, type HandMade, SHOP, table } from "../hand-made.ts";

function restore(now: HandMade, then: HandMade): Restore {
  const snapshot = handMade("abc1", then);
  const plan = planRestore(handMade("now", now).manifest, snapshot.manifest);
  return {
    snapshot,
    short: "abc1",
    plan,
    target: SHOP,
    into: "database",
    tables: null,
    again: "again abc1",
    lostRuns: null,
  };
}

const lossy = restore(
  { tables: [table("users", "a", "x"), table("extra", "y")], files: [file("a.txt", "A")] },
  { tables: [table("users", "a", "b"), table("fresh", "c")], files: [file("a.txt", "a")] },
);

describe("what a restore loses", () => {
  test("names the tables with the most rows that can be lost, and the files", () => {
    expect(lossFindings(lossy)).toMatchObject([
      {
        rule: "rows-lost",
        message:
          "2 tables of shop-db have rows that the snapshot abc1 of 2026-11-28 10:00:12 UTC does not have, at most 20 rows: users (10), extra (the whole table, 10 rows).",
        help: "To see these rows:\nd1ops snapshot diff abc1 local --values",
        data: { rows: 20, tables: ["users", "extra"] },
      },
      {
        rule: "files-lost",
        message:
          "1 file would be overwritten, because the snapshot abc1 has another content of it: a.txt.",
        data: { files: ["a.txt"], removed: 0 },
      },
    ]);
  });

  test("counts all files that would be removed, apart from those that would be overwritten", () => {
    const paths = Array.from({ length: 12 }, (_, at) => `src/${at + 10}.ts`);
    const now = [...paths, "a.txt"].map((path) => file(path, "n"));
    const found = lossFindings(restore({ files: now }, { files: [file("a.txt", "t")] }));
    expect(found).toMatchObject([
      {
        message: `12 files would be removed, because the snapshot abc1 does not contain them: ${paths.slice(0, 10).join(", ")}, and 2 more. 1 file would be overwritten, because the snapshot abc1 has another content of it: a.txt.`,
        data: { files: [...paths, "a.txt"], removed: 12 },
      },
    ]);
  });

  test("is nothing if rows and files are only added", () => {
    expect(
      lossFindings(
        restore(
          { tables: [table("users", "a")] },
          { tables: [table("users", "a", "b")], files: [file("a.txt", "a")] },
        ),
      ),
    ).toEqual([]);
  });

  test.each([
    ["another id", { ...SHOP, id: "other" }],
    ["another place", { ...SHOP, place: "remote" as const }],
  ])("includes a warning if the snapshot is of a database with %s", (_what, source) => {
    const found = restore({ tables: [] }, { tables: [table("users", "a")], source });
    expect(lossFindings(found)).toMatchObject([{ rule: "other-database", level: "warning" }]);
  });
});

describe("the report of snapshot restore", () => {
  test("has a line for each change, and the way back", () => {
    const backup = { id: "beef".padEnd(64, "0"), short: "beef" };
    const { summary, steps, findings, next, outcome, data } = restoreReport(lossy, {
      kind: "restored",
      backup,
      stop: null,
      remote: null,
    });
    expect(outcome).toBe("changed");
    expect(summary).toBe("Restored 3 tables of shop-db and 1 file from the snapshot abc1");
    expect(steps?.map(({ name, status, note }) => `${status} ${name}: ${note}`)).toEqual([
      "done users: 20 rows replaced by 20 rows",
      "done fresh: created with 10 rows",
      "done extra: dropped, with 10 rows",
      "done a.txt: overwritten, 100 bytes",
    ]);
    expect(findings).toMatchObject([{ rule: "way-back", data: { snapshot: backup.id } }]);
    expect(next).toEqual(["d1ops migrate status", "d1ops snapshot restore beef"]);
    expect(data).toMatchObject({ backup: backup.id });
  });

  test("says that there is no way back without a snapshot of the present", () => {
    const body = restoreReport(lossy, { kind: "restored", backup: null, stop: null, remote: null });
    expect(body).toMatchObject({
      findings: [{ rule: "no-way-back", level: "warning" }],
      next: ["d1ops migrate status"],
    });
  });

  test("says what is done when a file stopped the restore, and how to go on or back", () => {
    const backup = { id: "beef".padEnd(64, "0"), short: "beef" };
    const error = damage(NOWHERE, "packs/1", "is missing");
    const stop = { error, files: new Set<string>(), database: "restored" } as const;
    const body = restoreReport(lossy, { kind: "restored", backup, stop, remote: null });
    expect(body).toMatchObject({
      outcome: "partial",
      exitCode: 4,
      summary: "Stopped: restored shop-db and 0 of 1 file from the snapshot abc1",
      findings: [{ rule: "SNAPSHOT_DAMAGED", level: "error" }, { rule: "way-back" }],
      next: ["again abc1", "d1ops snapshot restore beef"],
    });
    expect(body.steps?.at(-1)).toMatchObject({ name: "a.txt", status: "skipped" });
  });

  test("plans in a dry run, with the losses", () => {
    const body = restoreReport(lossy, { kind: "dry run" });
    expect(body).toMatchObject({ outcome: "ok", next: ["again abc1"] });
    expect(body.steps?.every(({ status }) => status === "planned")).toBe(true);
    expect(body.findings?.map(({ rule }) => rule)).toEqual(["rows-lost", "files-lost"]);
  });

  test("says in what the snapshot differs from the database that was taken, for the restored tables", () => {
    const flaw = (name: string): ExportChange => ({
      of: "values",
      table: name,
      column: "n",
      rows: 3,
      what: "integers are rounded",
    });
    const { snapshot, ...rest } = lossy;
    const { database, ...manifest } = snapshot.manifest;
    if (database === null) throw new Error("no database");
    const exported = { changes: [flaw("users"), flaw("extra")], search: "exact" } as const;
    const inexact = { ...database, consistent: false, exported };
    const given = {
      ...rest,
      snapshot: { ...snapshot, manifest: { ...manifest, database: inexact } },
    };
    const rulesOf = (one: Restore): unknown[] =>
      (restoreReport(one, { kind: "dry run" }).findings ?? [])
        .filter(({ rule }) => /^(?:not-consistent|export-)/.test(rule))
        .map(({ rule, level, table: name }) => [rule, level, name]);
    const consistency = ["not-consistent", "warning", undefined];
    expect(rulesOf(given)).toEqual([
      consistency,
      ["export-flaw", "warning", "users"],
      ["export-flaw", "warning", "extra"],
    ]);
    expect(rulesOf({ ...given, tables: ["Users"] })).toEqual([
      consistency,
      ["export-flaw", "warning", "users"],
    ]);
    expect(rulesOf({ ...given, plan: { ...given.plan, database: null } })).toEqual([]);
  });

  test("has no steps if there is nothing to do", () => {
    const same = restore({ tables: [table("users", "a")] }, { tables: [table("users", "a")] });
    expect(restoreReport(same, { kind: "nothing to do" })).toMatchObject({
      outcome: "ok",
      summary: "Nothing to restore: everything is as in the snapshot abc1",
      steps: [],
      next: [],
    });
  });
});
