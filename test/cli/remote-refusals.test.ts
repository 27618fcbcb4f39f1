import { afterAll, beforeAll, expect, test } from "vitest";
import { type Cloudflare, startCloudflare } from "../../fixtures/cloudflare/fake.ts";
import { makeRemoteProject } from "../project/remote.ts";
import { d1ops, errorOf, type Run, withoutProgress } from "../project.ts";
import { all, edit, makeRemoteShop } from "./clone-remote-shop.ts";
import { clone, openFile } from "./clone-shop.ts";
import { takeIn } from "./snapshot-shop.ts";

/** What D1 would refuse stops a restore and a clone before the confirmation, with nothing written. */

let cloudflare: Cloudflare;

beforeAll(async () => {
  cloudflare = await startCloudflare({ timeTravel: "bookmarks only" });
});
afterAll(() => cloudflare.close());

function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env["PATH"], HOME: "/nonexistent", ...cloudflare.variables() };
}

const TABLES = "SELECT name FROM sqlite_schema WHERE name NOT LIKE '\\_cf\\_%' ESCAPE '\\'";

test("a restore refuses a row that is larger than D1 allows, also in a dry run", async () => {
  const project = makeRemoteProject(cloudflare);
  const from = openFile(project, "from.sqlite");
  from.exec(
    "CREATE TABLE docs(id INTEGER PRIMARY KEY, body); INSERT INTO docs VALUES (1, 'small'), (17, zeroblob(2400000))",
  );
  from.close();
  expect((await clone(project, ["file:from.sqlite", "local"])).code).toBe(0);
  edit(project.database, "CREATE TABLE kept(a)");
  const id = await takeIn(project);
  const restore = async (...flags: string[]): Promise<Run> => {
    const args = ["snapshot", "restore", id, "--remote", ...flags, "--json"];
    return withoutProgress(await d1ops(project, args, { env: environment() }));
  };
  for (const flags of [["--dry-run"], [], ["--confirm", project.database.name]]) {
    const run = await restore(...flags);
    expect(run.code).toBe(3);
    expect(errorOf(run)).toMatchObject({
      code: "SNAPSHOT_INCOMPLETE",
      details: { table: "docs" },
      message: expect.stringContaining(
        "the row with id 17 of docs: its values have 2,400,000 bytes",
      ),
    });
  }
  expect(all(project.database, TABLES)).toEqual([{ name: "kept" }]);
  const hint = errorOf(await restore()).hint;
  const line =
    hint
      .split("\n")
      .at(-1)
      ?.replace(/^.*?(?=snapshot restore)/, "") ?? "";
  const file = await d1ops(project, line.split(" "), { env: environment() });
  expect(file).toMatchObject({ code: 0 });
  const restored = openFile(project, "PATH.sqlite");
  expect(restored.prepare("SELECT length(body) AS n FROM docs WHERE id = 17").get()).toEqual({
    n: 2_400_000,
  });
  restored.close();
});

test("a clone refuses a foreign key that names no key, and says what to change", async () => {
  const shop = makeRemoteShop(cloudflare);
  const from = openFile(shop, "from.sqlite");
  from.exec(`PRAGMA foreign_keys = OFF; CREATE TABLE users(id INTEGER PRIMARY KEY, email);
    CREATE TABLE orders(id INTEGER PRIMARY KEY, email REFERENCES users(email)); INSERT INTO orders VALUES (1, 'a');`);
  from.close();
  for (const flags of [["--dry-run"], ["--confirm", shop.staging.name]]) {
    const run = await clone(shop, ["file:from.sqlite", "env:staging", ...flags], environment());
    expect(run.code).toBe(3);
    expect(errorOf(run)).toMatchObject({
      code: "SNAPSHOT_INCOMPLETE",
      details: { table: "orders" },
      message: expect.stringContaining("foreign key mismatch"),
      hint: expect.stringContaining("FROM"),
    });
  }
  expect(all(shop.staging, TABLES)).toEqual([]);
});
