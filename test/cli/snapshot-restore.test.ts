import { describe, expect, test } from "vitest";
import { d1ops, type Project, reportOf } from "../project.ts";
import { snapshotOf, snapshotShop, takeIn } from "./snapshot-shop.ts";

type Run = Awaited<ReturnType<typeof d1ops>>;

async function restore(project: Project, id: string, ...flags: readonly string[]): Promise<Run> {
  return d1ops(project, ["snapshot", "restore", id, "--local", "--json", ...flags]);
}

function change(project: Project, sql: string): void {
  const db = project.open();
  db.exec(sql);
  db.close();
}

const CONFIRM = ["--confirm", "shop-db"];

describe("snapshot restore", () => {
  test("restores the same latest snapshot when it is run again, not the way back", async () => {
    const project = await snapshotShop();
    const id = await takeIn(project);
    for (const name of ["one", "two"]) {
      change(project, `UPDATE users SET name = '${name}'`);
      const run = await restore(project, "latest", ...CONFIRM);
      expect(snapshotOf(reportOf(run).data)).toMatchObject({ id });
    }
    const list = reportOf(await d1ops(project, ["snapshot", "list", "--json"]));
    const label = `before the restore of ${id.slice(0, 8)}`;
    expect(list.data["snapshots"]).toMatchObject([
      { label, wayBackFrom: id },
      { label, wayBackFrom: id },
      { id, wayBackFrom: null },
    ]);
  });
});
