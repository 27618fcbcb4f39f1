import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { backfillList } from "../../src/commands/backfill/list.ts";
import { migrateApply } from "../../src/commands/migrate/apply.ts";
import { migrateNew } from "../../src/commands/migrate/new.ts";
import { makeProject } from "../project.ts";

test("commands read migrations and backfills from a folder with an absolute path", async () => {
  const project = makeProject();
  const folder = join(project.dir, "elsewhere");
  mkdirSync(join(folder, "backfills"), { recursive: true });
  writeFileSync(join(folder, "0001_users.sql"), "CREATE TABLE users(id INTEGER PRIMARY KEY, n);");
  writeFileSync(
    join(folder, "backfills/0001_n.sql"),
    "-- d1ops:source users\n-- d1ops:key id\n-- d1ops:write\nUPDATE users SET n = 1 WHERE {window};\n",
  );
  const database = { binding: "DB", database_name: "shop-db", database_id: "x" };
  const config = { name: "shop", d1_databases: [{ ...database, migrations_dir: folder }] };
  project.write("wrangler.jsonc", JSON.stringify(config));
  const options = { cwd: project.dir, place: "local" } as const;
  expect(await migrateApply(options)).toMatchObject({ exitCode: 0, outcome: "changed" });
  expect(await backfillList(options)).toMatchObject({ data: { jobs: [{ name: "0001_n" }] } });
  expect(await migrateNew("more", options)).toMatchObject({ exitCode: 0 });
  expect(await migrateApply(options)).toMatchObject({ summary: expect.stringContaining("1 ") });
});
