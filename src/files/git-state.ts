/** @module What git knows about a project. */
import { execFile } from "node:child_process";
import { relative } from "node:path";
import { readAuthor } from "./author.ts";
import { pathInside } from "./path-inside.ts";

/** git answers in milliseconds. On a slow network disk, a snapshot does not wait longer than this for it. */
const TIMEOUT_MS = 10_000;

/** The commit of the work tree, and whether tracked files have changes that are not committed. Null without git or a commit. */
export async function readGitState(
  projectPath: string,
): Promise<{ readonly commit: string; readonly dirty: boolean } | null> {
  const { commit } = readAuthor(projectPath);
  if (commit === null) return null;
  const status = await git(projectPath, ["status", "--porcelain", "--untracked-files=no"]);
  return status === null || status.code !== 0 ? null : { commit, dirty: status.stdout !== "" };
}

/** True if the folder is in the work tree of the project, and a rule of `.gitignore` does not exclude it. */
export async function isCommitted(projectPath: string, folder: string): Promise<boolean> {
  if (pathInside(projectPath, folder) === null) return false;
  const ignored = await git(projectPath, [
    "check-ignore",
    "--quiet",
    `./${relative(projectPath, folder)}/`,
  ]);
  // 0: ignored; 1: not ignored, also in a repository without commits; others: git failed, or there is no repository.
  return ignored?.code === 1;
}

/** Null if git cannot run. */
async function git(
  cwd: string,
  args: readonly string[],
): Promise<{ readonly code: number; readonly stdout: string } | null> {
  const { promise, resolve } = Promise.withResolvers<{ code: number; stdout: string } | null>();
  execFile("git", args, { cwd, timeout: TIMEOUT_MS }, (error, stdout) => {
    if (error === null) resolve({ code: 0, stdout });
    else resolve(typeof error.code === "number" ? { code: error.code, stdout } : null);
  });
  return promise;
}
