import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { d1ops, errorOf, reportOf } from "../project.ts";
import { clone, cloneShop, INTO_FILE, leftIn, MASKS, openFile } from "./clone-shop.ts";

describe("clone", () => {
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
    expect(error.hint).toContain("did you mean email?");
  });
});
