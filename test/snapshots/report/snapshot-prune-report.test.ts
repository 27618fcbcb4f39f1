import { describe, expect, test } from "vitest";
import { OpsError } from "../../../src/snapshots/errors.ts";
import {
  deletionText,
  pruneReport,
  type Prune,
} from "../../../src/snapshots/report/snapshot-prune-report.ts";
import type { StoredObject } from "../../../src/snapshots/store/store.ts";

function object(digit: string, bytes: number): StoredObject {
  return { name: digit.repeat(64), bytes, writtenAt: "2026-01-01T00:00:00.000Z" };
}

function snapshotOf(digit: string, reasons: readonly string[]) {
  const manifest = {
    format: 1,
    tool: "d1ops 0.0.0",
    takenAt: `2026-01-0${digit}T10:00:00.000Z`,
    label: digit === "2" ? "before" : null,
    digest: "",
    database: null,
    files: [],
    globs: [],
    git: null,
    packs: [],
  } as const;
  return { snapshot: { id: digit.repeat(64), manifest, isAppended: false }, reasons };
}

const prune: Prune = {
  location: "/shop/backups",
  plan: {
    plannedAt: new Date("2026-01-06T10:00:00.000Z"),
    groups: [
      {
        name: "shop-db (local)",
        verdicts: [
          snapshotOf("4", ["last snapshot", "daily snapshot"]),
          snapshotOf("3", ["a running take may use it"]),
          snapshotOf("2", []),
          snapshotOf("1", []),
        ],
      },
    ],
    manifests: [object("1", 100), object("2", 200)],
    packs: [object("a", 3000)],
    waiting: [object("b", 5000)],
    proofs: [],
    knownProofs: new Set(),
  },
};

describe("the report of snapshot prune", () => {
  test("says of each snapshot why it is kept, or that it was deleted", () => {
    const { outcome, summary, steps } = pruneReport(prune, { kind: "deleted" });
    expect(outcome).toBe("changed");
    expect(summary).toBe("Deleted 2 snapshots and 1 pack (3.3 kB) of /shop/backups");
    expect(steps?.map(({ name, status, note }) => `${status} ${name}  ${note}`)).toEqual([
      "skipped 44444444  2026-01-04 10:00:00 UTC, shop-db (local), kept: last snapshot, daily snapshot",
      "skipped 33333333  2026-01-03 10:00:00 UTC, shop-db (local), kept: a running take may use it",
      'done 22222222  2026-01-02 10:00:00 UTC, shop-db (local), label "before"',
      "done 11111111  2026-01-01 10:00:00 UTC, shop-db (local)",
    ]);
  });

  test("says what a later prune will delete", () => {
    const { findings } = pruneReport(prune, { kind: "deleted" });
    expect(findings?.map(({ message }) => message)).toEqual([
      "1 snapshot that no rule keeps was the newest within the last 24 hours, so a running take may use it. A later prune deletes it.",
      "1 pack (5.0 kB) that no snapshot needs is younger than 24 hours, so a running take may have written it. A later prune deletes it.",
    ]);
  });

  test("says after an error what was deleted before it, and suggests to run again", () => {
    const details = { path: "/shop/backups/snapshots", reason: "EROFS" };
    const error = new OpsError("FILE_UNWRITABLE", details, { message: "no", hint: "mount" });
    const report = pruneReport(prune, { kind: "stopped", deleted: 1, error });
    expect(report).toMatchObject({
      outcome: "partial",
      exitCode: 4,
      summary: "Stopped: deleted 1 of 2 snapshots and 1 pack (3.3 kB) of /shop/backups",
      data: {
        deleted: { snapshots: 1, packs: 0, bytes: 100 },
        planned: { snapshots: 2, packs: 1, bytes: 3300 },
        waiting: { packs: 1, bytes: 5000 },
      },
      next: ["d1ops snapshot prune"],
    });
    expect(report.steps?.map(({ status }) => status)).toEqual([
      "skipped",
      "skipped",
      "failed",
      "done",
    ]);
    expect(report.findings?.[0]).toMatchObject({ rule: "FILE_UNWRITABLE", level: "error" });
  });

  test("has the exit code of an interruption after Ctrl-C", () => {
    const text = { message: "Interrupted.", hint: "Run it again." };
    const error = new OpsError("INTERRUPTED", { signal: "SIGINT" }, text);
    expect(pruneReport(prune, { kind: "stopped", deleted: 1, error })).toMatchObject({
      outcome: "partial",
      exitCode: 130,
    });
  });

  test("says what a dry run would delete, and that nothing was deleted", () => {
    const report = pruneReport(prune, { kind: "dry run" });
    expect(report).toMatchObject({
      outcome: "ok",
      summary: "Would delete 2 snapshots and 1 pack (3.3 kB) of /shop/backups",
      data: { deleted: { snapshots: 0, packs: 0, bytes: 0 } },
    });
  });

  test("counts the proofs that it deletes", () => {
    const proofs = [object("c", 120), object("d", 130)];
    const only = { ...prune.plan, groups: [], manifests: [], packs: [], proofs };
    expect(pruneReport({ ...prune, plan: only }, { kind: "deleted" })).toMatchObject({
      outcome: "changed",
      summary: "Deleted 2 proofs (250 bytes) of /shop/backups",
      data: { deleted: { snapshots: 0, packs: 0, proofs: 2, bytes: 250 } },
    });
    expect(deletionText({ ...prune, plan: { ...prune.plan, proofs } })).toBe(
      "2 snapshots, 1 pack and 2 proofs (3.5 kB) of /shop/backups",
    );
  });
});
