import { readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { d1ops, errorOf, type Project, reportOf, withoutProgress } from "../project.ts";
import { objectsOf, snapshotShop, takeIn } from "./snapshot-shop.ts";

/** As if everything in the store had been written two days ago. */
function age(project: Project): void {
  const at = new Date(Date.now() - 48 * 3_600_000);
  for (const folder of ["packs", "snapshots"]) {
    const path = join(project.dir, "backups", folder);
    for (const name of readdirSync(path)) utimesSync(join(path, name), at, at);
  }
}

/** Three snapshots of the database, the first with a label, each with a change before it. Returns their ids, newest first. */
async function threeSnapshots(project: Project): Promise<string[]> {
  const ids = [await takeIn(project, "--label", "release 1")];
  for (const id of [10, 1900]) {
    const db = project.open();
    db.exec(`UPDATE users SET name = 'changed' WHERE id = ${id}`);
    db.close();
    ids.unshift(await takeIn(project));
  }
  return ids;
}

describe("snapshot prune", () => {
  test("deletes what no rule keeps, and every other snapshot passes a drill afterwards", async () => {
    const project = await snapshotShop();
    const [third, second, first] = await threeSnapshots(project);
    age(project);
    const packs = objectsOf(project, "packs");
    const run = await d1ops(project, ["snapshot", "prune", "--keep-last", "2", "--yes", "--json"]);
    expect(withoutProgress(run)).toMatchObject({ code: 0, stderr: "" });
    const { outcome, data, steps, target } = reportOf(run);
    expect({ outcome, target }).toEqual({ outcome: "changed", target: null });
    expect(data["groups"]).toMatchObject([
      {
        name: "shop-db (local)",
        kept: [
          { id: third, label: null, reasons: ["last snapshot"] },
          { id: second, reasons: ["last snapshot"] },
        ],
        removed: [{ id: first, label: "release 1" }],
      },
    ]);
    expect(data["deleted"]).toMatchObject({ snapshots: 1, packs: 0 });
    expect(steps.map(({ status }) => status)).toEqual(["skipped", "skipped", "done"]);
    // The second and the third need all of the packs.
    expect(objectsOf(project, "packs")).toEqual(packs);
    expect(objectsOf(project, "snapshots")).toHaveLength(2);
    const verified = await d1ops(project, ["snapshot", "verify", "--all", "--drill"]);
    expect(verified.code).toBe(0);
  });

  test("shows with --dry-run what it would delete, and suggests the same command without it", async () => {
    const project = await snapshotShop();
    await threeSnapshots(project);
    age(project);
    const before = [...objectsOf(project, "packs"), ...objectsOf(project, "snapshots")];
    const flags = ["--local", "--keep-last", "1", "--keep-label", "release 1"];
    const run = await d1ops(project, ["snapshot", "prune", ...flags, "--dry-run", "--json"]);
    const { outcome, next, steps, summary } = reportOf(run);
    expect(outcome).toBe("ok");
    expect(summary).toMatch(/^Would delete 1 snapshot \(\d.*B\) of .*backups$/);
    expect(steps.map(({ status }) => status)).toEqual(["skipped", "planned", "skipped"]);
    expect(steps[2]?.note).toContain('kept: has the label "release 1"');
    expect(next).toEqual([
      expect.stringMatching(/ snapshot prune --local --keep-last 1 --keep-label 'release 1'$/),
    ]);
    expect([...objectsOf(project, "packs"), ...objectsOf(project, "snapshots")]).toEqual(before);
  });

  test("deletes nothing without --yes and a terminal, and says how to go on", async () => {
    const project = await snapshotShop();
    await threeSnapshots(project);
    age(project);
    const run = await d1ops(project, ["snapshot", "prune", "--keep-last", "1", "--json"]);
    expect(run.code).toBe(5);
    const { code, message, hint } = errorOf(run);
    expect(code).toBe("NOT_CONFIRMED");
    expect(message).toBe(
      "There is no terminal to confirm on, and --yes was not given. Nothing was deleted.",
    );
    expect(hint).toContain(" snapshot prune --keep-last 1 --yes\n");
    expect(hint).toContain(" snapshot prune --keep-last 1 --dry-run");
    expect(objectsOf(project, "snapshots")).toHaveLength(3);
  });

  test("keeps the snapshots of the last day, because a running take may use them", async () => {
    const project = await snapshotShop();
    await threeSnapshots(project);
    const run = await d1ops(project, ["snapshot", "prune", "--keep-last", "1", "--json"]);
    expect(run.code).toBe(0);
    const { outcome, summary, findings } = reportOf(run);
    expect(outcome).toBe("ok");
    expect(summary).toContain("Nothing to delete");
    expect(findings).toMatchObject([
      { rule: "snapshots-in-use", level: "info", message: expect.stringContaining("2 snapshots") },
    ]);
  });

  test("is about the snapshots of the named place only", async () => {
    const project = await snapshotShop();
    await threeSnapshots(project);
    age(project);
    const run = await d1ops(project, ["snapshot", "prune", "--remote", "--keep-last", "1"]);
    expect(run.code).toBe(0);
    expect(objectsOf(project, "snapshots")).toHaveLength(3);
  });

  test.each([
    [[], "No rule says which snapshots to keep"],
    [["--keep-last", "0"], "No rule says which snapshots to keep"],
    [["--keep-label", "relase 1"], "These rules keep no snapshot of shop-db (local)"],
    [["--keep-within", "2w"], '--keep-within is "2w", which is not a duration'],
  ])("rejects %j, because it would keep nothing", async (flags, message) => {
    const project = await snapshotShop();
    await takeIn(project);
    const run = await d1ops(project, ["snapshot", "prune", ...flags, "--yes", "--json"]);
    expect(run.code).toBe(2);
    expect(errorOf(run).message).toContain(message);
    expect(objectsOf(project, "snapshots")).toHaveLength(1);
  });

  test("rejects a number that is not whole", async () => {
    const project = await snapshotShop();
    const run = await d1ops(project, ["snapshot", "prune", "--keep-daily", "1.5", "--json"]);
    expect(run.code).toBe(2);
    expect(errorOf(run).message).toContain("keep-daily");
  });
});
