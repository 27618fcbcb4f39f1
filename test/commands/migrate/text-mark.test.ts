import { statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { migrateApply, migrateStatus } from "../../../src/index.ts";
import { makeProject, type Project } from "../../project.ts";

const FILE = "migrations/0001_users.sql";
const TEXT = "-- one\nCREATE TABLE users(a, b DEFAULT 'x  y');\n";

async function applied(): Promise<Project> {
  const project = makeProject({ [FILE]: TEXT });
  expect(await migrateApply({ cwd: project.dir, variables: {}, place: "local" })).toMatchObject({
    outcome: "changed",
  });
  return project;
}

async function changedOf({ dir }: Project): Promise<unknown> {
  const { data } = await migrateStatus({ cwd: dir, variables: {} });
  return data["changed"];
}

/** Writes a text of the same size, and keeps the times of the file. */
function edit({ dir }: Project, from: string, to: string): void {
  const path = join(dir, FILE);
  const { atime, mtime } = statSync(path);
  writeFileSync(path, TEXT.replace(from, to));
  utimesSync(path, atime, mtime);
}

function sql({ open }: Project, statement: string): void {
  const db = open();
  db.exec(statement);
  db.close();
}

const LEDGERS = [
  ["of this d1ops", ""],
  ["of an older d1ops, without marks", "DELETE FROM d1ops_migrations WHERE ledger LIKE 'text:%'"],
  [
    "with the mark of another text",
    "UPDATE d1ops_migrations SET checksum = 'x' WHERE ledger LIKE 'text:%'",
  ],
] as const;

test.each(LEDGERS)(
  "migrate status finds an edit that keeps the size and times of a file, with a ledger %s",
  async (_, change) => {
    const project = await applied();
    sql(project, change);
    expect(await changedOf(project)).toEqual([]);
    edit(project, "'x  y'", "'x y '");
    expect(await changedOf(project)).toEqual(["0001_users.sql"]);
  },
);

test.each(LEDGERS)(
  "migrate status ignores an edited comment, with a ledger %s",
  async (_, change) => {
    const project = await applied();
    sql(project, change);
    edit(project, "-- one", "-- two");
    expect(await changedOf(project)).toEqual([]);
  },
);

test("migrate status reports a file as changed if an older d1ops has recorded another checksum since", async () => {
  const project = await applied();
  sql(project, "UPDATE d1ops_migrations SET checksum = 'x' WHERE ledger = 'd1_migrations'");
  expect(await changedOf(project)).toEqual(["0001_users.sql"]);
});

test("migrate status reports a file as unverified once d1ops's ledger is deleted", async () => {
  const project = await applied();
  sql(project, "DROP TABLE d1ops_migrations");
  edit(project, "'x  y'", "'x y '");
  const { data } = await migrateStatus({ cwd: project.dir, variables: {} });
  expect(data).toMatchObject({ changed: [], unverified: ["0001_users.sql"] });
});
