import { execFileSync } from "node:child_process";
import * as fc from "fast-check";
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { contentOf } from "../snapshots/whole-file.ts";
import { listProjectFiles, type ProjectFiles } from "../../src/files/project-files.ts";
import { restoreFile } from "../../src/files/restore-file.ts";
import { denied, folder } from "./temporary-folder.ts";

const FILES = {
  "src/index.ts": "index",
  "src/a/b.ts": "b",
  "src/a/c.sql": "c",
  "src/.hidden.ts": "hidden",
  "README.md": "readme",
  ".env": "secret",
  "dist/index.js": "dist",
};

async function pathsOf(root: string, ...globs: string[]): Promise<string[]> {
  return (await listProjectFiles(root, globs, null)).files.map(({ path }) => path);
}

describe("listing the files of a project", () => {
  test.each<[string[], string[]]>([
    [[], []],
    [["README.md"], ["README.md"]],
    [["./README.md"], ["README.md"]],
    [["src/*.ts"], ["src/.hidden.ts", "src/index.ts"]],
    [["**/*.ts"], ["src/.hidden.ts", "src/a/b.ts", "src/index.ts"]],
    [
      ["src/**/*.{ts,sql}", "!src/a/c.sql"],
      ["src/.hidden.ts", "src/a/b.ts", "src/index.ts"],
    ],
    [
      ["**", "!src", "!dist/"],
      [".env", "README.md"],
    ],
    [
      ["**", "!**/.*", "!dist/**"],
      ["README.md", "src/a/b.ts", "src/a/c.sql", "src/index.ts"],
    ],
    [["README.md", "*.md"], ["README.md"]],
  ])("returns, for the globs %j, the paths %j", async (globs, paths) => {
    using root = folder(FILES);
    expect(await pathsOf(root.path, ...globs)).toEqual(paths);
  });

  test("takes a number sign and a parenthesis at the beginning of a glob literally", async () => {
    using root = folder({ "#1.md": "", "(a).md": "", "x.md": "" });
    expect(await pathsOf(root.path, "#*.md", "(a).md")).toEqual(["#1.md", "(a).md"]);
  });

  test("returns the bytes, the permission bits and the content of each file", async () => {
    using root = folder({ "run.sh": "#!/bin/sh\n", "x.bin": Buffer.from([0, 255, 10]) });
    chmodSync(join(root.path, "run.sh"), 0o4755);
    chmodSync(join(root.path, "x.bin"), 0o640);
    const { files } = await listProjectFiles(root.path, ["**"], null);
    expect(files).toMatchObject([
      { path: "run.sh", bytes: 10, mode: 0o755 },
      { path: "x.bin", bytes: 3, mode: 0o640 },
    ]);
    const contents = await Promise.all(files.map(async (file) => contentOf(file)));
    expect(contents[1]).toEqual(Buffer.from([0, 255, 10]));
  });

  test("leaves out the folders of git, npm and wrangler at every level, and drafts of killed writers", async () => {
    using root = folder({
      ".git/config": "",
      ".wrangler/state/x.sqlite": "",
      "node_modules/a/index.js": "",
      "packages/a/node_modules/b/index.js": "",
      "packages/a/index.js": "",
      "packages/a/.11111111-2222-4333-8444-555555555555.tmp": "",
      "packages/b/.git": "gitdir: elsewhere",
    });
    expect(await pathsOf(root.path, "**")).toEqual(["packages/a/index.js"]);
  });

  test("leaves out the store, also if its path leads through a symbolic link", async () => {
    using root = folder({
      "project/x": "",
      "project/backups/packs/y": "",
      "project/b/backups": "",
    });
    symlinkSync("project", join(root.path, "alias"));
    for (const store of ["project/backups", "alias/backups"]) {
      const { files } = await listProjectFiles(
        join(root.path, "project"),
        ["**"],
        join(root.path, store),
      );
      expect(files.map(({ path }) => path)).toEqual(["b/backups", "x"]);
    }
  });

  test("works if the store does not exist yet", async () => {
    using root = folder({ x: "" });
    const { files } = await listProjectFiles(root.path, ["*"], join(root.path, "backups"));
    expect(files).toHaveLength(1);
  });

  test("never follows a symbolic link, and returns what it skipped", async () => {
    using root = folder({ "outside/x.ts": "", "project/a.ts": "", "project/readme": "" });
    const project = join(root.path, "project");
    symlinkSync("../outside", join(project, "folder"));
    symlinkSync("../outside/x.ts", join(project, "file.ts"));
    symlinkSync("nowhere", join(project, "dangling"));
    symlinkSync("readme", join(project, "LIESMICH"));
    execFileSync("mkfifo", [join(project, "pipe.ts")]);
    const { files, skipped } = await listProjectFiles(project, ["**/*.ts"], null);
    expect(files.map(({ path }) => path)).toEqual(["a.ts"]);
    expect(skipped).toEqual(["file.ts", "folder", "pipe.ts"]);
  });

  test("fails at a folder that it may not read", async () => {
    using root = folder(FILES);
    using _ = denied(join(root.path, "src/a"), 0o000);
    await expect(pathsOf(root.path, "**/*.ts")).rejects.toThrow(
      expect.objectContaining({ code: "INPUT_UNREADABLE" }),
    );
    expect(await pathsOf(root.path, "src/*.ts")).toHaveLength(2);
  });

  test.each([
    ["a backslash", "a\\b", "backslash"],
    ["bytes that are not UTF-8", "$(printf 'a\\377')", "not UTF-8"],
  ])("fails at a name with %s, because it could not be restored", async (_, name, reason) => {
    using root = folder();
    execFileSync("sh", ["-c", `: > "${name}"`], { cwd: root.path });
    await expect(pathsOf(root.path, "*")).rejects.toThrow(reason);
  });

  test("lists only files that can be restored to the same path", async () => {
    const name = fc.string({ unit: "binary", minLength: 1, maxLength: 8 }).filter(isFileName);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(name, { minLength: 1 }), async (names) => {
        using root = folder();
        for (const one of names) writeFileSync(join(root.path, one), one);
        const { files } = await listProjectFiles(root.path, ["**"], null);
        using copy = folder();
        for (const file of files) await restoreFile(copy.path, file, await contentOf(file));
        expect(await pathsOf(copy.path, "**")).toEqual(files.map(({ path }) => path));
        expect(files).toHaveLength(names.length);
      }),
      { numRuns: 50 },
    );
  });
});

function isFileName(name: string): boolean {
  return !/[/\\\0\uFFFD]|\p{Surrogate}/u.test(name) && name !== "." && name !== "..";
}

describe("a glob that matches nothing", () => {
  test.each([
    ["scr/**/*.ts", "Did you mean src/**/*.ts?"],
    ["src/aa/b.ts", "Did you mean src/a/b.ts?"],
    ["src", "Did you mean src/**?"],
    ["src/", "Did you mean src/**?"],
    ["./src/a", "Did you mean src/a/**?"],
    ["scr", "Did you mean src/**?"],
    ["READM.md", "Did you mean README.md?"],
    ["src/**/*.php", 'Check src/**/*.php, and the globs that begin with "!".'],
    ["zzz/*", 'Check zzz/*, and the globs that begin with "!".'],
    ["../x", "A snapshot has only files below"],
    ["/etc/*", "A snapshot has only files below"],
    ["src/../x", "relative to"],
    ["src\\*.ts", "relative to"],
    [".wrangler/state/**", "A snapshot never has files of .git, node_modules, .wrangler."],
    ["!src/**", 'Add a glob that includes files, such as "**".'],
  ])("is an error: %s has the hint %s", async (glob, hint) => {
    using root = folder({ ...FILES, ".wrangler/state/x": "" });
    await expect(pathsOf(root.path, glob)).rejects.toThrow(
      expect.objectContaining({
        code: "FILES_NONE",
        details: { path: root.path, globs: [glob] },
        hint: expect.stringContaining(hint),
      }),
    );
  });

  test("is an error that names every such glob, also beside others that match", async () => {
    using root = folder(FILES);
    await expect(pathsOf(root.path, "*.md", "*.php", "*.py")).rejects.toThrow(
      `No file in ${root.path} matches *.php.\nNo file in ${root.path} matches *.py.`,
    );
  });

  test("is an error if other globs exclude all that it matches", async () => {
    using root = folder(FILES);
    await expect(pathsOf(root.path, "README.md", "!*.md")).rejects.toThrow("README.md");
  });
});

describe("reading a listed file", () => {
  test.each<[string, (path: string) => void]>([
    ["removed", (path) => rmSync(path)],
    [
      "replaced by a symbolic link",
      (path) => {
        rmSync(path);
        symlinkSync("/etc/hostname", path);
      },
    ],
    [
      "replaced by a named pipe",
      (path) => {
        rmSync(path);
        execFileSync("mkfifo", [path]);
      },
    ],
    [
      "replaced by a folder",
      (path) => {
        rmSync(path);
        mkdirSync(path);
      },
    ],
  ])("fails if it was %s meanwhile", async (_, change) => {
    using root = folder({ x: "x" });
    const { files }: ProjectFiles = await listProjectFiles(root.path, ["x"], null);
    change(join(root.path, "x"));
    await expect(files[0]?.read(async () => {})).rejects.toThrow(
      expect.objectContaining({ code: "INPUT_UNREADABLE" }),
    );
  });
});
