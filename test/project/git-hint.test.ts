import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { migrateApply } from "../../src/commands/migrate/apply.ts";
import { migrateStatus } from "../../src/commands/migrate/status.ts";
import { makeProject } from "../project.ts";

const NAME = "migrations/0001_a.sql";
const SQL = "CREATE TABLE a(x);\n";

test.each([
  { from: "the project's folder", folder: ".", command: `git checkout -- ${NAME}` },
  {
    from: "a folder in the project",
    folder: "src/deep",
    command: `git -C ../.. checkout -- ${NAME}`,
  },
])("the suggested git command restores an edited file from $from", async ({ folder, command }) => {
  const { dir } = makeProject({ [NAME]: SQL });
  git(dir, "init", "-q");
  git(dir, "add", ".");
  git(dir, "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "a");
  const cwd = join(dir, folder);
  mkdirSync(cwd, { recursive: true });
  await migrateApply({ cwd, place: "local" });
  writeFileSync(join(dir, NAME), "CREATE TABLE b(x);\n");
  const { findings } = await migrateStatus({ cwd });
  const suggested = /`(git .*?)`/.exec(findings[0]?.help ?? "")?.[1];
  expect(suggested).toBe(command);
  execFileSync("sh", ["-c", suggested ?? ""], { cwd, stdio: "pipe" });
  expect(readFileSync(join(dir, NAME), "utf8")).toBe(SQL);
});

test("no git command is suggested for a project that is in no work tree of git", async () => {
  const { dir } = makeProject({ [NAME]: SQL });
  await migrateApply({ cwd: dir, place: "local" });
  writeFileSync(join(dir, NAME), "CREATE TABLE b(x);\n");
  const { findings } = await migrateStatus({ cwd: dir });
  expect(findings[0]?.help).toMatch(/^Restore the file from version control\.\n/);
});

test("the git command is suggested in a linked work tree, whose .git is a file", async () => {
  const { dir } = makeProject({ [NAME]: SQL, ".git": "gitdir: /elsewhere\n" });
  await migrateApply({ cwd: dir, place: "local" });
  writeFileSync(join(dir, NAME), "CREATE TABLE b(x);\n");
  const { findings } = await migrateStatus({ cwd: dir });
  expect(findings[0]?.help).toContain(`(git: \`git checkout -- ${NAME}\`).`);
});

function git(cwd: string, ...args: readonly string[]): void {
  execFileSync("git", args, { cwd, stdio: "pipe" });
}
