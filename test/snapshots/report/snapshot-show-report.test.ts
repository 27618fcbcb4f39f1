import { describe, expect, test } from "vitest";
import { snapshotShowReport } from "../../../src/snapshots/report/snapshot-show-report.ts";
import { file, handMade, type HandMade, proof, table } from "../hand-made.ts";

const NOW = new Date("2026-11-30T10:00:12.345Z");

function show(content: HandMade): ReturnType<typeof snapshotShowReport> {
  const snapshot = handMade("abc1", content);
  const proofs = [proof(snapshot, "drill", "2026-11-30T09:00:00Z")];
  return snapshotShowReport({ ...snapshot, short: "abc1", location: "/b", proofs }, NOW);
}

describe("the report of snapshot show", () => {
  test("has a line for each table and each file, and says where they come from", () => {
    const git = { commit: "0123456", dirty: true };
    const report = show({
      tables: [table("users", "a", "b")],
      files: [file("config/app.json", "x")],
      manifest: { git, label: "before the release" },
    });
    expect(report.summary).toBe(
      'abc1 of shop-db (local), taken 2026-11-28 10:00:12 UTC (2 days ago), label "before the release": 1 table, 20 rows, 1 file, 300 bytes, 30 bytes stored, proven 1 h ago by a drill',
    );
    expect(report.steps).toMatchObject([
      { name: "users", status: "done", rowsRead: 20, note: "20 rows, 200 bytes" },
      { name: "config/app.json", status: "done", note: "100 bytes" },
    ]);
    expect(report.findings).toMatchObject([
      {
        rule: "snapshot-details",
        message: `The id is ${"abc1".padEnd(64, "0")}, and the digest of the content is digest.
d1ops 0.1.0 took it.
1 object in the schema.
The last migration was 0002_orders.sql.
The commit was 0123456, and tracked files had changes that were not committed.`,
      },
    ]);
    expect(report.next).toEqual([
      "d1ops snapshot verify abc1 --drill",
      "d1ops snapshot restore abc1 --local --dry-run",
    ]);
  });

  test("says nothing about a schema if there is no database, or about git without a commit", () => {
    const { findings } = show({ files: [] });
    expect(findings?.[0]?.message).not.toMatch(/schema|migration|commit/);
  });

  test("warns of a snapshot whose tables are of different moments", () => {
    const { manifest } = handMade("abc1", { tables: [] });
    const database = manifest.database && { ...manifest.database, consistent: false };
    expect(show({ manifest: { database } }).findings).toMatchObject([
      {},
      { rule: "not-consistent", level: "warning" },
    ]);
  });
});
