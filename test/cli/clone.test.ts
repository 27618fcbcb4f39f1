import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { d1ops, errorOf, reportOf } from "../project.ts";
import { clone, cloneShop, leftIn, MASKS, openFile } from "./clone-shop.ts";

const KEY = { ...process.env, D1OPS_MASK_KEY: "a secret of the test, long enough" };
const INTO_FILE = ["file:prod.sqlite", "file:copy.sqlite", "--mask", "masks.jsonc"];

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

  test("warns of columns that look personal, and of originals in other columns", async () => {
    const project = cloneShop(
      '{ "users": { "email": "email" }, "orders": { "email": "email" }, "notes": "empty" }',
    );
    const db = openFile(project, "prod.sqlite");
    db.exec(
      "INSERT INTO audit(detail) SELECT 'mail to ' || lower(email) || '!' FROM users WHERE id < 8",
    );
    db.close();
    const { findings } = reportOf(await clone(project, INTO_FILE));
    expect(findings.map(({ rule, table, data }) => [rule, table, data])).toEqual([
      ["not-masked", "users", { columns: ["phone", "name", "ssn"] }],
      ["masked-value-found", "audit", { column: "detail", rows: 7 }],
      ["masked-value-found", "users", { column: "profile", rows: 300 }],
    ]);
    const kept = cloneShop(
      '{ "users": { "email": "email", "phone": "keep", "name": "keep", "ssn": "keep", "profile": "keep" }, "orders": { "email": "email" }, "audit": "keep", "notes": "keep" }',
    );
    expect(reportOf(await clone(kept, INTO_FILE)).findings).toEqual([]);
  });

  test("names an FTS5 table and its column as a mask file does, if an original is left in them", async () => {
    const findingsWith = async (notes: string): Promise<unknown[]> => {
      const project = cloneShop(
        `{ "users": { "email": "email" }, "orders": "empty", "notes": ${notes} }`,
      );
      const db = openFile(project, "prod.sqlite");
      db.exec("INSERT INTO notes SELECT 'a', email FROM users WHERE id < 4");
      db.close();
      const { findings } = reportOf(await clone(project, INTO_FILE));
      return findings.filter(({ table }) => table?.startsWith("notes"));
    };
    expect(await findingsWith('{ "title": "keep" }')).toMatchObject([
      {
        rule: "masked-value-found",
        table: "notes",
        help: 'Mask body of notes, or set the table to "empty", or the column to "keep" if this is intended.',
        data: { column: "body", rows: 3 },
      },
    ]);
    expect(await findingsWith('{ "body": "text" }')).toEqual([]);
    expect(await findingsWith('{ "body": "keep" }')).toEqual([]);
    expect(await findingsWith('"keep"')).toEqual([]);
  });

  test("warns of objects of the schema whose definition has an original", async () => {
    const project = cloneShop();
    const db = openFile(project, "prod.sqlite");
    const { email } = db.prepare("SELECT email FROM users WHERE id = 3").get() ?? {};
    db.exec(`CREATE INDEX vip ON users(id) WHERE email = '${String(email)}'`);
    db.close();
    const { findings } = reportOf(await clone(project, INTO_FILE));
    expect(findings).toContainEqual(
      expect.objectContaining({
        rule: "masked-value-found",
        table: "users",
        message: "The definition of the index vip has a value that is masked in the rows.",
        data: { object: "vip" },
      }),
    );
  });

  test("masks values that should be JSON and are not as a whole, and says how many", async () => {
    const project = cloneShop();
    const db = openFile(project, "prod.sqlite");
    db.exec("UPDATE users SET profile = '{' || profile WHERE id < 4");
    db.close();
    const run = await clone(project, INTO_FILE);
    expect(reportOf(run).findings).toMatchObject([
      { rule: "not-json", table: "users", data: { column: "profile", values: 3 } },
    ]);
    expect(leftIn(join(project.dir, "copy.sqlite"))).toEqual([]);
  });

  test("warns of JSON values in which no path of the masks was found, because they leave unmasked", async () => {
    const project = cloneShop();
    const db = openFile(project, "prod.sqlite");
    db.exec(
      `UPDATE users SET profile = '{"mail":"other.' || id || '@corp-mail.test"}' WHERE id < 6`,
    );
    db.close();
    expect(reportOf(await clone(project, INTO_FILE)).findings).toMatchObject([
      {
        rule: "no-path-found",
        level: "warning",
        table: "users",
        message:
          "No path of the masks leads to a value in 5 values of users.profile, so d1ops copied them unmasked.",
        data: { column: "profile", values: 5 },
      },
    ]);
    project.write("masks.jsonc", MASKS.replace('"$.contact', '"$": "text", "$.contact'));
    rmSync(join(project.dir, "copy.sqlite"));
    expect(reportOf(await clone(project, INTO_FILE)).findings).toEqual([]);
  });

  test("does not copy an index without content, unless the masks say so", async () => {
    const project = cloneShop();
    const db = openFile(project, "prod.sqlite");
    db.exec(
      "CREATE VIRTUAL TABLE bare USING fts5(t, content=''); INSERT INTO bare(rowid, t) SELECT id, bio FROM users",
    );
    db.close();
    const error = errorOf(await clone(project, INTO_FILE));
    expect(error).toMatchObject({
      code: "MASK_INVALID",
      message: expect.stringContaining("bare is an FTS5 table without content"),
    });
    project.write("masks.jsonc", MASKS.replace('"notes"', '"bare": "empty", "notes"'));
    expect(await clone(project, INTO_FILE)).toMatchObject({ code: 0, stderr: "" });
    expect(leftIn(join(project.dir, "copy.sqlite"))).toEqual([]);
    const copy = openFile(project, "copy.sqlite");
    expect(copy.prepare("SELECT count(*) AS n FROM bare WHERE bare MATCH 'likes'").get()).toEqual({
      n: 0,
    });
    copy.exec(
      "INSERT INTO bare(rowid, t) VALUES (1, 'likes'); INSERT INTO bare(bare) VALUES ('integrity-check')",
    );
    copy.close();
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

  test.each([
    ['{ "usrs": { "email": "email" } }', "usrs is not a table", "did you mean users?"],
    ['{ "users": { "emial": "email" } }', "users.emial is not a column", "did you mean email?"],
    ['{ "users": { "email": "mail" } }', 'users.email is "mail"', "did you mean email?"],
    [
      '{ "users": { "email": "null" }, "orders": { "email": "null" } }',
      "because the column rejects NULL",
      "",
    ],
    [
      '{ "users": { "email": "text" }, "orders": { "email": "text" } }',
      "because the column is unique",
      "",
    ],
    [
      '{ "users": { "email": "email" } }',
      'orders.email refers to users.email, which is masked as "email"',
      "",
    ],
    [
      '{ "orders": { "email": "hash" } }',
      "orders.email refers to users.email, which is not masked",
      "",
    ],
    ['{ "users": { "domain": "text" } }', "is a generated column", ""],
    ['{ "notes_content": { "c0": "text" } }', "is a part of the virtual table notes", ""],
    ['{ "search": { "bio": "text" } }', "has the rows of another table", ""],
    ["[]", "the file is a list", ""],
  ])("rejects the masks %s before it writes anything", async (masks, message, hint) => {
    const project = cloneShop(masks);
    const error = errorOf(await clone(project, INTO_FILE));
    expect(error).toMatchObject({
      code: "MASK_INVALID",
      message: expect.stringContaining(message),
      hint: expect.stringContaining(hint),
    });
    expect(existsSync(join(project.dir, "copy.sqlite"))).toBe(false);
  });

  test("reports all mistakes of the mask file together: words, names, repetitions, and what does not fit the database", async () => {
    const project = cloneShop(`{
      "users": { "email": "emial", "phone": "phone", "phone": "keep", "nmae": "mail" },
      "orders": { "email": "email", "total": "null", "code": "null" },
      "Orders": "empty",
      "audti": "emtpy",
    }`);
    const { code, details, hint } = errorOf(await clone(project, INTO_FILE));
    expect([code, details]).toEqual([
      "MASK_INVALID",
      {
        path: "masks.jsonc",
        problems: [
          { name: "users.phone", problem: "is there twice; write it once" },
          { name: "Orders", problem: "means the same as orders; write it once" },
          { name: "users.email", problem: expect.stringContaining('is "emial"') },
          { name: "users.nmae", problem: expect.stringContaining('is "mail"') },
          { name: "audti", problem: expect.stringContaining('is "emtpy"') },
          { name: "users.nmae", problem: expect.stringContaining("is not a column") },
          { name: "orders.code", problem: expect.stringContaining('cannot be "null"') },
          { name: "audti", problem: expect.stringContaining("is not a table") },
        ],
      },
    ]);
    expect(hint).toContain("users.nmae: did you mean name?");
  });

  test("rejects a key that is short enough to be guessed", async () => {
    const project = cloneShop();
    const error = errorOf(
      await clone(project, INTO_FILE, { ...process.env, D1OPS_MASK_KEY: "secret" }),
    );
    expect(error).toMatchObject({
      code: "USAGE",
      message: expect.stringContaining("D1OPS_MASK_KEY has 6 characters"),
    });
  });

  test("changes nothing if two masked values of a unique column are equal", async () => {
    const project = cloneShop();
    const db = openFile(project, "prod.sqlite");
    // Only their case differs, and names keep three forms of it.
    db.exec("CREATE TABLE tags(name TEXT UNIQUE); INSERT INTO tags VALUES ('McRed'), ('Mcred')");
    db.close();
    project.write("masks.jsonc", MASKS.replace('"notes"', '"tags": { "name": "name" }, "notes"'));
    const error = errorOf(await clone(project, INTO_FILE));
    expect(error).toMatchObject({
      code: "SNAPSHOT_INCOMPLETE",
      message: expect.stringContaining("UNIQUE"),
      hint: expect.stringContaining("Two masked values are equal"),
    });
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

describe("the masks of the settings", () => {
  const masked = (masks: string): string => `{ "masks": ${masks} }`;
  const WITHOUT_MASK = ["file:prod.sqlite", "file:copy.sqlite"];

  test("are those of a clone without --mask, so that no one can forget it", async () => {
    const project = cloneShop();
    project.write("d1ops.jsonc", masked(MASKS));
    const run = await clone(project, WITHOUT_MASK);
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(reportOf(run).settings?.map(({ name, from }) => [name, from])).toEqual([
      ["masks", "d1ops.jsonc"],
    ]);
    expect(leftIn(join(project.dir, "copy.sqlite"))).toEqual([]);
  });

  test("give way to those of --mask", async () => {
    const project = cloneShop();
    project.write("d1ops.jsonc", masked('{ "users": "empty" }'));
    const run = await clone(project, INTO_FILE);
    expect(run.code).toBe(0);
    expect(reportOf(run)).not.toHaveProperty("settings");
  });

  test("name a table that does not exist, with the file of the settings", async () => {
    const project = cloneShop();
    project.write("d1ops.jsonc", masked('{ "usres": { "email": "email" } }'));
    const { code, message } = errorOf(await clone(project, WITHOUT_MASK));
    expect(code).toBe("MASK_INVALID");
    expect(message).toMatch(/^d1ops\.jsonc: usres /);
  });

  test("have a mistyped mask with its line, also in other commands", async () => {
    const project = cloneShop();
    project.write("d1ops.jsonc", masked('{\n "users": { "email": "emial" } }'));
    const error = errorOf(await d1ops(project, ["migrate", "status", "--json"]));
    expect(error).toMatchObject({ code: "CONFIG_INVALID", details: { line: 2, column: 22 } });
    expect(error.hint).toContain("Did you mean email?");
  });
});
