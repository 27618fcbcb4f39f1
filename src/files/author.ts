/** @module The user and the commit that a ledger row records. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { dirname, join, resolve } from "node:path";
import { nullIfThrows } from "./null-if-throws.ts";

/** Never fails: a value that cannot be determined is null. */
export function readAuthor(projectPath: string): {
  appliedBy: string | null;
  commit: string | null;
} {
  return {
    appliedBy: nullIfThrows(() => `${userInfo().username}@${hostname()}`),
    commit: nullIfThrows(() => commitId(headCommit(projectPath))),
  };
}

/** The commit that is checked out, from git's own files: starting git would take longer than the migration. */
function headCommit(start: string): string | null {
  const gitDirectory = findGitDirectory(resolve(start));
  if (gitDirectory === null) return null;
  const head = readFileSync(join(gitDirectory, "HEAD"), "utf8").trim();
  const branch = head.startsWith("ref: ") ? head.slice("ref: ".length) : null;
  if (branch === null) return head;
  const pointer = join(gitDirectory, "commondir");
  const shared = existsSync(pointer)
    ? resolve(gitDirectory, readFileSync(pointer, "utf8").trim())
    : gitDirectory;
  const loose = join(shared, branch);
  if (existsSync(loose)) return readFileSync(loose, "utf8").trim();
  const packed = readFileSync(join(shared, "packed-refs"), "utf8");
  return (
    packed
      .split("\n")
      .find((line) => line.endsWith(` ${branch}`))
      ?.split(" ")[0] ?? null
  );
}

function commitId(text: string | null): string | null {
  return text !== null && /^[0-9a-f]{40,64}$/.test(text) ? text : null;
}

/** In a worktree or submodule, `.git` is a file that names the directory. */
function findGitDirectory(folder: string): string | null {
  const candidate = join(folder, ".git");
  if (existsSync(candidate)) {
    if (statSync(candidate).isDirectory()) return candidate;
    return resolve(
      folder,
      readFileSync(candidate, "utf8")
        .replace(/^gitdir: /, "")
        .trim(),
    );
  }
  const parent = dirname(folder);
  return parent === folder ? null : findGitDirectory(parent);
}
