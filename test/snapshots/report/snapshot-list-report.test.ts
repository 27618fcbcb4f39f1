import { describe, expect, test } from "vitest";
import { damage } from "../../../src/snapshots/store/unreadable.ts";
import { NOWHERE } from "../../../src/snapshots/store/unwritten.ts";
import { snapshotListReport } from "../../../src/snapshots/report/snapshot-list-report.ts";
import { file, handMade, proof, table } from "../hand-made.ts";

const NOW = new Date("2026-11-28T11:00:12.345Z");
const NONE = { proofs: [], unreadable: [] };
const location = "/home/user/backups";

describe("the report of snapshot list", () => {
  test("has one line per snapshot, with time, age, database, content, sizes and label", () => {
    const snapshots = [
      handMade("f00d", { files: [file("a.txt", "x")], manifest: { label: "nightly" } }),
      handMade("abc1", { tables: [table("users", "a", "b")] }),
    ];
    const { steps, summary, next, outcome } = snapshotListReport(
      { location, snapshots, unreadable: [] },
      NONE,
      NOW,
    );
    expect(outcome).toBe("ok");
    expect(steps?.map(({ name, note }) => `${name}: ${note}`)).toEqual([
      'f00d0000: 2026-11-28 10:00:12 UTC (1 h ago), files only, 1 file, 100 bytes (10 bytes stored), not proven, label "nightly"',
      "abc10000: 2026-11-28 10:00:12 UTC (1 h ago), shop-db (local), 1 table, 20 rows, 200 bytes (20 bytes stored), not proven",
    ]);
    expect(summary).toBe("2 snapshots in /home/user/backups");
    expect(next).toEqual(["d1ops snapshot show f00d0000"]);
  });

  test("suggests the first snapshot of an empty store", () => {
    expect(
      snapshotListReport({ location, snapshots: [], unreadable: [] }, NONE, NOW),
    ).toMatchObject({
      outcome: "ok",
      summary: "No snapshots in /home/user/backups",
      next: ["d1ops snapshot take"],
    });
  });

  test("has an error for each manifest that cannot be read", () => {
    const id = "dead".padEnd(64, "0");
    const unreadable = [
      {
        id,
        writtenAt: "2026-11-28T00:00:00.000Z",
        error: damage(NOWHERE, "snapshots/dead", "is missing"),
      },
    ];
    expect(snapshotListReport({ location, snapshots: [], unreadable }, NONE, NOW)).toMatchObject({
      outcome: "problems",
      summary: "No snapshots, 1 unreadable in /home/user/backups",
      findings: [
        {
          rule: "snapshot-unreadable",
          level: "error",
          message: expect.stringContaining("dead0000"),
          data: { snapshot: id, code: "SNAPSHOT_DAMAGED" },
        },
      ],
    });
  });

  test.each([
    [[], "not proven"],
    [["verify 2026-11-28T10:30:00Z"], "proven 30 min ago"],
    [["drill 2026-11-28T10:30:00Z"], "proven 30 min ago by a drill"],
    [
      ["verify 2026-11-28T10:30:00Z", "verify 2026-11-28T10:20:00Z", "drill 2026-11-28T10:10:00Z"],
      "proven 30 min ago, and 50 min ago by a drill",
    ],
    [["drill 2026-11-28T10:30:00Z", "verify 2026-11-28T10:20:00Z"], "proven 30 min ago by a drill"],
  ])("says of a snapshot with the proofs %j that it is %s", (texts, expected) => {
    const snapshot = handMade("abc1", { tables: [] });
    const other = handMade("abc2", { tables: [] });
    const proofs = [
      proof(other, "drill", "2026-11-28T11:00:00Z"),
      ...texts.map((text) => {
        const [how, provenAt = ""] = text.split(" ");
        return proof(snapshot, how === "drill" ? "drill" : "verify", provenAt);
      }),
    ];
    const catalog = { location, snapshots: [snapshot], unreadable: [] };
    const { steps } = snapshotListReport(catalog, { proofs, unreadable: [] }, NOW);
    expect(steps?.[0]?.note).toContain(` stored), ${expected}`);
  });

  test("has a warning for each proof that cannot be read", () => {
    const object = { name: "bad", bytes: 1, writtenAt: "2026-11-28T00:00:00.000Z" };
    const proofs = {
      proofs: [],
      unreadable: [{ object, error: damage(NOWHERE, "proofs/bad", "has other bytes") }],
    };
    const catalog = { location, snapshots: [], unreadable: [] };
    expect(snapshotListReport(catalog, proofs, NOW)).toMatchObject({
      outcome: "ok",
      findings: [
        {
          rule: "proof-unreadable",
          level: "warning",
          help: expect.stringContaining("snapshot verify --all"),
          data: { object: "proofs/bad", code: "SNAPSHOT_DAMAGED" },
        },
      ],
    });
  });
});
