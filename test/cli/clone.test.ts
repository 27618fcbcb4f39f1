import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { d1ops, errorOf, reportOf } from "../project.ts";
import { clone, cloneShop, INTO_FILE, leftIn, openFile } from "./clone-shop.ts";

const KEY = { ...process.env, D1OPS_MASK_KEY: "a secret of the test, long enough" };

describe("clone", () => {
  test("masks the columns of the file, and leaves no original in any byte of the new file", async () => {
    const project = cloneShop();
    const run = await clone(project, INTO_FILE);
    expect(run).toMatchObject({ code: 0, stderr: "" });
    const { outcome, data, findings } = reportOf(run);
    expect([outcome, findings]).toEqual(["changed", []]);
    expect(leftIn(join(project.dir, "prod.sqlite")).length).toBeGreaterThan(1000);
    expect(leftIn(join(project.dir, "copy.sqlite"))).toEqual([]);
    expect(data).toMatchObject({ from: "file:prod.sqlite", to: "file:copy.sqlite", backup: null });
    expect(data["tables"]).toContainEqual({
      name: "orders",
      rows: 300,
      emptied: false,
      masked: [
        {
          column: "email",
          values: 300,
          notJson: 0,
          unmatched: 0,
          examples: expect.arrayContaining([expect.stringMatching(/@example\.com$/i)]),
        },
      ],
    });
  });

  test("keeps joins, types, NULL, empty values and the rest of JSON, and builds indexes again from masked rows", async () => {
    const project = cloneShop();
    await clone(project, INTO_FILE);
    const db = openFile(project, "copy.sqlite");
    const all = (sql: string): unknown => db.prepare(sql).all();
    expect(all("PRAGMA integrity_check")).toEqual([{ integrity_check: "ok" }]);
    expect(all("PRAGMA foreign_key_check")).toEqual([]);
    expect(all("SELECT count(*) AS n FROM users JOIN orders USING (email)")).toEqual([{ n: 300 }]);
    expect(all("SELECT count(*) AS n FROM users WHERE phone IS NULL")).toEqual([{ n: 42 }]);
    expect(all("SELECT count(*) AS n FROM users WHERE bio = ''")).toEqual([{ n: 60 }]);
    expect(all("SELECT DISTINCT lower(domain) AS d, ssn FROM users")).toEqual([
      { d: "example.com", ssn: null },
    ]);
    const [row] = db.prepare("SELECT email, phone, profile FROM users").all();
    expect(row?.["phone"]).toMatch(/^\+999\d{12}$/);
    expect(row?.["profile"]).toBe(
      `{"contact": {"email":"${String(row?.["email"])}", "tel" : null}, "score": 1.50}`,
    );
    const found = (table: string, word: string): unknown =>
      all(`SELECT count(*) AS n FROM ${table} WHERE ${table} MATCH '${word}'`);
    expect(found("search", "quagmires")).toEqual([{ n: 0 }]);
    expect(found("notes", "body : zebrafish1")).toEqual([{ n: 0 }]);
    expect(found("notes", "title : note")).toEqual([{ n: 300 }]);
    for (const table of ["search", "notes"]) {
      db.exec(`INSERT INTO ${table}(${table}, rank) VALUES ('integrity-check', 1)`);
    }
    db.close();
  });

  test("masks a value alike in each clone with the same key, and differently without one", async () => {
    const project = cloneShop();
    const emailIn = async (name: string, env?: NodeJS.ProcessEnv): Promise<unknown> => {
      await clone(project, ["file:prod.sqlite", `file:${name}`, "--mask", "masks.jsonc"], env);
      const db = openFile(project, name);
      const found = db.prepare("SELECT email FROM users WHERE id = 1").get()?.["email"];
      db.close();
      return found;
    };
    expect(await emailIn("a.sqlite", KEY)).toBe(await emailIn("b.sqlite", KEY));
    expect(await emailIn("c.sqlite")).not.toBe(await emailIn("d.sqlite"));
  });

  test("replaces the local database only after its name is confirmed, and keeps a way back", async () => {
    const project = cloneShop();
    await d1ops(project, ["migrate", "apply", "--local"]);
    const live = project.open();
    live.exec("CREATE TABLE mine(x); INSERT INTO mine VALUES (1), (2)");
    const args = ["file:prod.sqlite", "local", "--mask", "masks.jsonc"];
    const refused = await clone(project, [...args, "--yes"]);
    expect(refused.code).toBe(5);
    expect(errorOf(refused)).toMatchObject({
      code: "NOT_CONFIRMED",
      message: expect.stringContaining("mine (the whole table, 2 rows)"),
    });
    expect(live.prepare("SELECT count(*) AS n FROM mine").get()).toEqual({ n: 2 });
    const done = await clone(project, [...args, "--confirm", "shop-db"]);
    expect(done).toMatchObject({ code: 0, stderr: "" });
    // The same connection sees the clone.
    expect(live.prepare("SELECT count(*) AS n FROM users").get()).toEqual({ n: 300 });
    live.close();
    expect(leftIn(project.file)).toEqual([]);
    const { next, data } = reportOf(done);
    const backup = typeof data["backup"] === "string" ? data["backup"] : "";
    expect(next).toEqual([
      expect.stringMatching(/migrate status --local$/),
      expect.stringContaining(`snapshot restore ${backup.slice(0, 8)} --local`),
    ]);
    const undone = await d1ops(project, [
      "snapshot",
      "restore",
      backup,
      "--local",
      "--confirm",
      "shop-db",
    ]);
    expect(undone.code).toBe(0);
    const db = project.open();
    expect(db.prepare("SELECT count(*) AS n FROM mine").get()).toEqual({ n: 2 });
    db.close();
  });

  test("does nothing if the database equals the clone already", async () => {
    const project = cloneShop();
    await clone(project, INTO_FILE, KEY);
    expect(reportOf(await clone(project, INTO_FILE, KEY))).toMatchObject({
      outcome: "ok",
      next: [],
    });
  });

  test("shows in a dry run what it would mask and replace, and writes nothing", async () => {
    const project = cloneShop();
    const run = await clone(project, [...INTO_FILE, "--dry-run"]);
    const { outcome, steps, next, data } = reportOf(run);
    expect([run.code, outcome]).toEqual([0, "ok"]);
    expect(steps).toContainEqual(
      expect.objectContaining({
        name: "orders",
        status: "planned",
        note: "300 rows, masked: email",
      }),
    );
    expect(next).toEqual([
      expect.stringMatching(/clone file:prod\.sqlite file:copy\.sqlite --mask masks\.jsonc$/),
    ]);
    expect(JSON.stringify(data)).not.toContain("corp-mail");
    expect(existsSync(join(project.dir, "copy.sqlite"))).toBe(false);
    expect(existsSync(join(project.dir, "backups"))).toBe(false);
  });

  test("masks a snapshot, which stays as it is", async () => {
    const project = cloneShop();
    await clone(project, ["file:prod.sqlite", "local"]);
    const taken = await d1ops(project, ["snapshot", "take"]);
    expect(taken.code).toBe(0);
    const run = await clone(project, [
      "snapshot:latest",
      "file:copy.sqlite",
      "--mask",
      "masks.jsonc",
    ]);
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(leftIn(join(project.dir, "copy.sqlite"))).toEqual([]);
    expect((await d1ops(project, ["snapshot", "verify", "latest", "--drill"])).code).toBe(0);
  });

  test.each([
    [["file:prod.sqlite", "remote"], "USAGE", "TO is remote, which d1ops takes for production"],
    [["file:prod.sqlite", "copy.sqlite"], "USAGE", "is not a place"],
    [["file:prod.sqlite", "file:./prod.sqlite"], "USAGE", "the same database"],
    [
      ["file:missing.sqlite", "file:copy.sqlite"],
      "DATABASE_UNREADABLE",
      "missing.sqlite does not exist",
    ],
    [["local", "file:copy.sqlite"], "DATABASE_UNREADABLE", "no local database"],
    [["snapshot:latest", "file:copy.sqlite"], "SNAPSHOT_UNKNOWN", "no snapshot"],
    [
      ["file:prod.sqlite", "file:copy.sqlite", "--mask", "none.json"],
      "CONFIG_UNREADABLE",
      "none.json",
    ],
  ])("rejects %j with %s, and writes nothing", async (args, code, message) => {
    const project = cloneShop();
    const error = errorOf(await clone(project, args));
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
    expect(existsSync(join(project.dir, "copy.sqlite"))).toBe(false);
  });

  test("requires an environment for the local database if the config has some", async () => {
    const project = cloneShop();
    const d1_databases = [{ binding: "DB", database_name: "shop-db", database_id: "x" }];
    project.write(
      "wrangler.jsonc",
      JSON.stringify({ name: "shop", d1_databases, env: { staging: { d1_databases } } }),
    );
    const error = errorOf(await clone(project, ["file:prod.sqlite", "local"]));
    expect(error).toMatchObject({
      code: "ENVIRONMENT_MISSING",
      hint: expect.stringContaining("clone file:prod.sqlite local --env staging"),
    });
    rmSync(project.dir, { recursive: true });
  });
});
