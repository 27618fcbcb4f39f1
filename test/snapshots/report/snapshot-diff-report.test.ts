import { describe, expect, test } from "vitest";
import type { Comparison } from "../../../src/snapshots/compare/compare-sides.ts";
import type { TableComparison } from "../../../src/snapshots/compare/compare-tables.ts";
import type { Diff, DiffSide } from "../../../src/snapshots/compare/diff-side.ts";
import { snapshotDiffReport } from "../../../src/snapshots/report/snapshot-diff-report.ts";
import type { Body } from "../../../src/report/report-body.ts";

const left: DiffSide = {
  database: { schema: [], tables: [] },
  files: [],
  reader: () => async () => "",
  name: "0123abcd",
  place: "snapshot",
  id: "0123abcd".repeat(8),
  takenAt: "2026-01-01T00:00:00.000Z",
  consistent: true,
};

const right: DiffSide = { ...left, name: "remote", place: "remote", id: null, takenAt: null };

const users: TableComparison = {
  name: "users",
  kind: "both",
  key: ["id"],
  addedColumns: [],
  removedColumns: [],
  left: 1000,
  right: 1000,
  added: 0,
  removed: 0,
  changed: 0,
  intact: 1000,
  examples: [],
};

function reportOf(
  comparison: Partial<Comparison>,
  sides: Partial<Pick<Diff, "left" | "right" | "tables">> = {},
): Body {
  return snapshotDiffReport({
    left,
    right,
    tables: null,
    ...sides,
    comparison: { database: null, files: null, ...comparison },
    store: "/backups",
    values: false,
  });
}

describe("the report of a comparison", () => {
  test("names the rows of a table, the values of each, and how many more there are", () => {
    const table: TableComparison = {
      ...users,
      added: 1,
      changed: 1200,
      removed: 1,
      addedColumns: ["a", "b"],
      removedColumns: ["c"],
      examples: [
        {
          kind: "changed",
          key: ["7"],
          values: [{ column: "name", left: "'a\nb'", right: "NULL" }],
        },
        {
          kind: "added",
          key: ["8"],
          values: [
            { column: "id", left: null, right: "8" },
            { column: "name", left: null, right: `'${"x".repeat(100)}'` },
          ],
        },
        { kind: "removed", key: ["9"], values: null },
      ],
    };
    const { findings, next } = reportOf({ database: { schema: [], tables: [table] } });
    expect(findings?.map(({ message }) => message.split("\n"))).toEqual([
      [
        "From 0123abcd to remote, users has 1 row added, 1 row removed, 1,200 rows changed, columns a, b added, column c removed, 1,000 intact.",
        String.raw`~ id 7, name 'a\nb' → NULL`,
        `+ id 8, name '${"x".repeat(59)}…`,
        "- id 9",
        "… 1,199 more (use --limit)",
      ],
    ]);
    expect(next).toEqual(["d1ops snapshot diff 0123abcd remote --values"]);
  });

  test("is ok and counts what is intact if nothing differs", () => {
    const body = reportOf({
      database: {
        schema: [],
        tables: [users, { ...users, name: "empty", kind: "added", left: 0, right: 0, intact: 0 }],
      },
      files: { differences: [], intact: 1 },
    });
    expect(body).toMatchObject({
      outcome: "ok",
      summary: "No differences between 0123abcd and remote. Intact: 2 tables, 1,000 rows, 1 file",
      findings: [],
      next: [],
      data: { equal: true, differences: [] },
    });
  });

  test("counts one difference in the singular", () => {
    const schema = [
      {
        kind: "removed",
        type: "view",
        name: "v",
        table: "v",
        left: "CREATE VIEW v AS SELECT 1",
        right: null,
      },
    ] as const;
    const body = reportOf({ database: { schema, tables: [users] } });
    expect(body.summary).toBe(
      "1 object of the schema differs between 0123abcd and remote. Intact: 1 table, 1,000 rows",
    );
    expect(body.outcome).toBe("problems");
  });

  test("does not warn of files if the user named tables", () => {
    const { findings } = reportOf(
      { database: { schema: [], tables: [users] } },
      { right: { ...right, files: null }, tables: ["users"] },
    );
    expect(findings).toEqual([]);
  });

  test("warns of a part that only one side contains, and of a side whose tables are of different moments", () => {
    const { findings } = reportOf(
      {},
      { right: { ...right, database: null, files: null, consistent: false } },
    );
    expect(findings).toMatchObject([
      {
        rule: "not-compared",
        message: "Only 0123abcd contains the database, so d1ops did not compare the database.",
      },
      {
        rule: "not-compared",
        message: "Only 0123abcd contains files, so d1ops did not compare files.",
      },
      {
        rule: "not-consistent",
        level: "warning",
        message: expect.stringContaining("remote is not consistent"),
      },
    ]);
    expect(
      reportOf({}, { left: { ...left, files: null }, right: { ...right, files: null } }).findings,
    ).toEqual([]);
  });
});
