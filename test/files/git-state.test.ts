import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isCommitted } from "../../src/files/git-state.ts";
import { folder } from "./temporary-folder.ts";

test("isCommitted is true for a folder in a repository that has no commit yet, unless git ignores it", async () => {
  using root = folder();
  const project = root.path;
  const store = join(project, "backups");
  expect(await isCommitted(project, store)).toBe(false);
  execFileSync("git", ["init", "--quiet"], { cwd: project });
  expect(await isCommitted(project, store)).toBe(true);
  expect(await isCommitted(project, join(project, "../elsewhere"))).toBe(false);
  writeFileSync(join(project, ".gitignore"), "/backups/\n");
  expect(await isCommitted(project, store)).toBe(false);
});
