/** The examples of docs/backfills.md, copied into a project as they are, in a package of each type. */
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  d1ops,
  d1opsBuilt,
  errorOf,
  makeProject,
  type Project,
  reportOf,
  ROOT,
} from "../project.ts";

const page = readFileSync(join(ROOT, "docs/backfills.md"), "utf8");

/** The blocks of a language, in the order of the page. */
function blocks(language: string): string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"))].map(
    ([, text = ""]) => text,
  );
}

function only(language: string, beginning: string): string {
  const found = blocks(language).filter((text) => text.includes(beginning));
  expect(found, `${language} with ${beginning}`).toHaveLength(1);
  return found[0] ?? "";
}

const SQL = only("sql", "-- d1ops:source users");
const PROGRAM = only("ts", "defineBackfill<Prepared>");
const REQUIRES = only("sql", "DROP COLUMN email");

const MIGRATIONS = {
  "migrations/0001_core.sql":
    "CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT, phone TEXT, plan TEXT);\n",
  "migrations/0002_accounts.sql":
    "CREATE TABLE accounts(user_id INTEGER PRIMARY KEY, email TEXT UNIQUE, plan TEXT NOT NULL);\n",
  "migrations/0003_phones.sql":
    "CREATE TABLE prefixes(prefix TEXT PRIMARY KEY, code TEXT NOT NULL);\nINSERT INTO prefixes VALUES ('555', '+1');\n",
};
const ROWS = `INSERT INTO users(id, email, phone, plan) VALUES
  (1, 'Nia@Example.com', '555-0100', NULL), (2, NULL, '+15550101', 'pro'), (3, 'a@example.com', NULL, 'test'),
  (4, 'NIA@example.com', '999-0100', 'pro'), (5, 'b@example.com', '555 0102', 'pro')`;

async function project(name: string): Promise<Project> {
  const made = makeProject({
    ...MIGRATIONS,
    ...(name !== "" && { "package.json": `{ "name": "shop", ${name} "private": true }` }),
    "migrations/backfills/0002_accounts.sql": SQL,
    "migrations/backfills/0003_phones.ts": PROGRAM,
  });
  mkdirSync(join(made.dir, "node_modules"));
  symlinkSync(ROOT, join(made.dir, "node_modules/d1ops"));
  expect((await d1ops(made, ["migrate", "apply", "--local"])).code).toBe(0);
  const db = made.open();
  db.exec(ROWS);
  db.close();
  return made;
}

/** Without progress, which d1ops prints on stderr after a second, on a slow machine. */
const ANSWER = ["--json", "--quiet"];

describe("the examples of docs/backfills.md", () => {
  test.each([
    ["a package without a type", " "],
    ["a package of modules", '"type": "module",'],
  ])("reconcile their backfills in %s", async (_, type) => {
    const made = await project(type);
    const sql = await d1opsBuilt(made, ["backfill", "run", "0002_accounts", "--local", ...ANSWER]);
    expect(sql).toMatchObject({ code: 0, stderr: "" });
    expect(reportOf(sql).data).toMatchObject({
      jobs: [{ state: "reconciled", scanned: 5, changed: 2, skipped: 1, conflict: 1, invalid: 1 }],
    });
    const program = await d1opsBuilt(made, [
      "backfill",
      "run",
      "0003_phones",
      "--local",
      ...ANSWER,
    ]);
    expect(program).toMatchObject({ code: 0, stderr: "" });
    expect(reportOf(program).data).toMatchObject({
      jobs: [{ state: "reconciled", scanned: 4, changed: 2, already: 1, invalid: 1 }],
    });
    const db = made.open();
    expect(db.prepare("SELECT user_id, email, plan FROM accounts ORDER BY 1").all()).toEqual([
      { user_id: 1, email: "nia@example.com", plan: "free" },
      { user_id: 5, email: "b@example.com", plan: "pro" },
    ]);
    expect(db.prepare("SELECT phone FROM users WHERE id IN (1, 5) ORDER BY id").all()).toEqual([
      { phone: "+15550100" },
      { phone: "+15550102" },
    ]);
    db.close();
  });

  test("fail with an error that says how to install d1ops if the project does not have it", async () => {
    const made = makeProject({ "migrations/backfills/0003_phones.ts": PROGRAM });
    const result = await d1opsBuilt(made, ["backfill", "list", "--json"]);
    expect(result).toMatchObject({ code: 2, stdout: "" });
    expect(errorOf(result)).toMatchObject({
      code: "BACKFILL_INVALID",
      hint: expect.stringContaining("npm install --save-dev d1ops"),
    });
  });

  test("run a migration that requires a backfill after that backfill", async () => {
    const made = await project('"type": "module",');
    made.write("migrations/0004_drop_email.sql", REQUIRES);
    const apply = ["migrate", "apply", "--local", "--json", "--confirm", "shop-db"];
    expect((await d1opsBuilt(made, apply)).code).toBe(3);
    expect((await d1opsBuilt(made, ["backfill", "run", "2", "--local"])).code).toBe(0);
    expect(await d1opsBuilt(made, apply)).toMatchObject({ code: 0 });
  });
});
