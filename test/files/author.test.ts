import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readAuthor } from "../../src/files/author.ts";
import { folder } from "./temporary-folder.ts";

function git(cwd: string, ...args: string[]): string {
  return execFileSync("git", ["-c", "user.name=Zoe", "-c", "user.email=zoe@example.com", ...args], {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
}

function repository(path: string): string {
  git(path, "init", "-q", "-b", "main");
  git(path, "commit", "-q", "--allow-empty", "-m", "first");
  return git(path, "rev-parse", "HEAD");
}

describe("readAuthor", () => {
  test("returns git's commit from any folder below the repository", () => {
    using root = folder();
    const head = repository(root.path);
    mkdirSync(join(root.path, "apps/shop"), { recursive: true });
    expect(readAuthor(join(root.path, "apps/shop")).commit).toBe(head);
  });

  test("returns the commit after git has packed its references", () => {
    using root = folder();
    const head = repository(root.path);
    git(root.path, "pack-refs", "--all");
    expect(readAuthor(root.path).commit).toBe(head);
  });

  test("returns the commit of a detached head, and of a worktree", () => {
    using root = folder();
    const head = repository(root.path);
    git(root.path, "worktree", "add", "-q", "-b", "side", "tree");
    git(join(root.path, "tree"), "commit", "-q", "--allow-empty", "-m", "second");
    expect(readAuthor(join(root.path, "tree")).commit).toBe(
      git(join(root.path, "tree"), "rev-parse", "HEAD"),
    );
    git(root.path, "checkout", "-q", "--detach", "HEAD");
    expect(readAuthor(root.path).commit).toBe(head);
  });

  test("returns null without commits, and in a broken repository", () => {
    using root = folder();
    git(root.path, "init", "-q", "-b", "main");
    expect(readAuthor(root.path).commit).toBeNull();
    writeFileSync(join(root.path, ".git/HEAD"), "");
    expect(readAuthor(root.path).commit).toBeNull();
  });

  test("returns the user and the machine as the author", () => {
    using root = folder();
    expect(readAuthor(root.path).appliedBy).toMatch(/^.+@.+$/);
  });
});
