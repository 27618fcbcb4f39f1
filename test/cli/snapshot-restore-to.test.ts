import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { d1ops, errorOf, type Project, reportOf, type Run, withoutProgress } from "../project.ts";
import { contentOf, objectsOf, snapshotShop, takeIn } from "./snapshot-shop.ts";

async function restore(project: Project, ...args: readonly string[]): Promise<Run> {
  return withoutProgress(await d1ops(project, ["snapshot", "restore", ...args, "--json"]));
}

function usersIn(project: Project, file: string): unknown {
  const db = new DatabaseSync(join(project.dir, file));
  try {
    return db
      .prepare(
        "SELECT count(*) AS n, (SELECT integrity_check FROM pragma_integrity_check) AS ok FROM users",
      )
      .get();
  } finally {
    db.close();
  }
}

function change(project: Project, sql: string): void {
  const db = project.open();
  db.exec(sql);
  db.close();
}

const TO_COPY = ["--to", "file:copies/copy.sqlite"];

describe("snapshot restore --to", () => {
  test("creates a file that is missing, without a prompt, and changes nothing else", async () => {
    const project = await snapshotShop();
    await takeIn(project, "--files", "config/**");
    project.write("config/app.json", "edited");
    change(project, "DELETE FROM users WHERE id > 10");
    const before = contentOf(project);
    const planned = await restore(project, "latest", ...TO_COPY, "--dry-run");
    expect(planned).toMatchObject({ code: 0, stderr: "" });
    expect(reportOf(planned).next).toEqual([
      expect.stringMatching(
        /snapshot restore [0-9a-f]{8} --to file:copies\/copy\.sqlite --database-only$/,
      ),
    ]);
    expect(existsSync(join(project.dir, "copies"))).toBe(false);
    const run = await restore(project, "latest", ...TO_COPY);
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(reportOf(run)).toMatchObject({
      outcome: "changed",
      target: { place: "local", database: "copies/copy.sqlite" },
      findings: [],
      next: [],
      data: { backup: null, files: [] },
    });
    expect(usersIn(project, "copies/copy.sqlite")).toEqual({ n: 2000, ok: "ok" });
    expect(contentOf(project)).toEqual(before);
    expect(objectsOf(project, "snapshots")).toHaveLength(1);
  });

  test("replaces a file only with its path as confirmation, and its last command undoes that", async () => {
    const project = await snapshotShop();
    await takeIn(project);
    await restore(project, "latest", ...TO_COPY);
    const db = new DatabaseSync(join(project.dir, "copies/copy.sqlite"));
    db.exec(
      "DROP TRIGGER log; DELETE FROM users WHERE id > 2; INSERT INTO users(name) VALUES ('new')",
    );
    db.close();
    const refused = await restore(project, "latest", ...TO_COPY, "--yes");
    expect(errorOf(refused)).toMatchObject({
      code: "NOT_CONFIRMED",
      hint: expect.stringContaining("--to file:copies/copy.sqlite"),
    });
    expect(errorOf(refused).hint).not.toContain("--local");
    expect(usersIn(project, "copies/copy.sqlite")).toMatchObject({ n: 3 });
    const run = await restore(project, "latest", ...TO_COPY, "--confirm", "copies/copy.sqlite");
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(usersIn(project, "copies/copy.sqlite")).toEqual({ n: 2000, ok: "ok" });
    const [undo = ""] = reportOf(run).next;
    expect(undo).toMatch(/snapshot restore [0-9a-f]{8} --to file:copies\/copy\.sqlite$/);
    const [id = "", ...flags] = undo.split(" ").slice(4);
    const undone = await restore(project, id, ...flags, "--confirm", "copies/copy.sqlite");
    expect(undone).toMatchObject({ code: 0, stderr: "" });
    expect(usersIn(project, "copies/copy.sqlite")).toMatchObject({ n: 3 });
  });

  test("restores the local database with --to local, as with --local", async () => {
    const project = await snapshotShop();
    await takeIn(project);
    const before = contentOf(project);
    change(project, "DELETE FROM users WHERE id > 10");
    const run = await restore(project, "latest", "--to", "local", "--confirm", "shop-db");
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(contentOf(project)).toEqual(before);
    expect(reportOf(run).next).toEqual([
      expect.stringMatching(/migrate status --local$/),
      expect.stringMatching(/restore [0-9a-f]{8} --local$/),
    ]);
  });

  test.each([
    [["--to", "local", "--remote"], "USAGE", "--remote contradicts local"],
    [["--to", "remote", "--local"], "USAGE", "--local contradicts remote"],
    [["--to", "env:staging", "--local"], "USAGE", "--local contradicts env:staging"],
    [["--to", "env:staging", "--env", "qa"], "USAGE", "--env qa contradicts env:staging"],
    [["--to", "file:a.sqlite", "--remote"], "USAGE", "--remote contradicts file:a.sqlite"],
    [["--to", "file:a.sqlite", "--files-only"], "USAGE", "--files-only contradicts file:a.sqlite"],
    [["--to", "a.sqlite"], "USAGE", "which is not a place"],
    [["--to", "snapshot:latest"], "USAGE", "--to cannot be snapshot:latest here"],
    [["--to", "env:staging"], "ENVIRONMENT_UNKNOWN", "staging"],
    [["--to", "file:wrangler.jsonc"], "DATABASE_NOT_SQLITE", "wrangler.jsonc"],
  ])("rejects %j with %s, and writes nothing", async (args, code, message) => {
    const project = await snapshotShop();
    await takeIn(project);
    const before = contentOf(project);
    const run = await restore(project, "latest", ...args);
    expect(errorOf(run)).toMatchObject({ code, message: expect.stringContaining(message) });
    expect(contentOf(project)).toEqual(before);
    expect(existsSync(join(project.dir, "a.sqlite"))).toBe(false);
  });
});
