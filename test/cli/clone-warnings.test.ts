import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { reportOf } from "../project.ts";
import { clone, cloneShop, INTO_FILE, leftIn, MASKS, openFile } from "./clone-shop.ts";

describe("clone", () => {
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
});
