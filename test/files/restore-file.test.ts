import * as fc from "fast-check";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { removeFile, restoreFile } from "../../src/files/restore-file.ts";
import { OpsError } from "../../src/report/error.ts";
import { denied, folder } from "./temporary-folder.ts";

const NEW = new TextEncoder().encode("new");

/** A project beside a folder that no test may change. The project has links to it. */
function projectWithLinks(): ReturnType<typeof folder> & { readonly project: string } {
  const root = folder({ "outside/x": "outside", "project/folder/x": "old" });
  const project = join(root.path, "project");
  symlinkSync("../outside", join(project, "link"));
  symlinkSync("../../outside", join(project, "folder/link"));
  symlinkSync("../outside/x", join(project, "linked"));
  return Object.assign(root, { project });
}

function outsideOf(root: string): Record<string, string> {
  const names = readdirSync(root).filter((name) => name !== "project");
  return Object.fromEntries(
    names.flatMap((name) =>
      readdirSync(join(root, name)).map((file) => [
        `${name}/${file}`,
        readFileSync(join(root, name, file), "utf8"),
      ]),
    ),
  );
}

const NAMES = ["x", "new", "folder", "link", "linked", "outside", "...", "a b", "ü"];
const HOSTILE = ["..", ".", "", "..\\outside", "\\", "C:", "C:\\", ".git", ".GIT", "a\0b", "../.."];

const nameOfPath = fc.oneof(
  fc.constantFrom(...NAMES),
  fc.constantFrom("link", "folder"),
  fc.constantFrom(...HOSTILE),
);

const paths = fc.array(nameOfPath, { minLength: 1, maxLength: 4 }).map((names) => names.join("/"));

describe("restoring and removing a file", () => {
  test("never change a file outside of the project, whatever its path is", async () => {
    await fc.assert(
      fc.asyncProperty(paths, fc.boolean(), async (path, remove) => {
        using root = projectWithLinks();
        const { project } = root;
        const done = await (
          remove ? removeFile(project, path) : restoreFile(project, { path, mode: 0o644 }, NEW)
        ).then(
          () => true,
          (error: unknown) => {
            expect(error).toMatchObject({ code: "FILE_UNWRITABLE" });
            return false;
          },
        );
        expect(outsideOf(root.path)).toEqual({ "outside/x": "outside" });
        if (!done) return;
        expect(path.split("/").some((name) => name !== "C:" && HOSTILE.includes(name))).toBe(false);
        if (remove) expect(existsSync(join(project, path))).toBe(false);
        else expect(readFileSync(join(project, path), "utf8")).toBe("new");
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    "../outside/x",
    "/etc/example",
    "folder/../../outside/x",
    "folder\\..\\..\\outside\\x",
    "",
    ".",
    "folder/",
    ".git/hooks/post-commit",
    "packages/a/.Git/config",
    "node_modules/a/index.js",
    "link/x",
    "folder/link/x",
  ])("refuse the path %j", async (path) => {
    using root = projectWithLinks();
    const refusal = expect.objectContaining({ code: "FILE_UNWRITABLE" });
    await expect(restoreFile(root.project, { path, mode: 0o644 }, NEW)).rejects.toThrow(refusal);
    await expect(removeFile(root.project, path)).rejects.toThrow(refusal);
    expect(outsideOf(root.path)).toEqual({ "outside/x": "outside" });
  });
});

describe("restoring a file", () => {
  test("creates its folders and writes all bytes", async () => {
    using root = folder();
    const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => index % 256);
    await restoreFile(root.path, { path: "a/b/c.bin", mode: 0o644 }, bytes);
    expect(readFileSync(join(root.path, "a/b/c.bin"))).toEqual(Buffer.from(bytes));
    expect(readdirSync(join(root.path, "a/b"))).toEqual(["c.bin"]);
  });

  test("writes the parts of a content one after the other, and asks for each when it needs it", async () => {
    using root = folder();
    const file = join(root.path, "x");
    async function* parts(): AsyncGenerator<Uint8Array> {
      for (const part of ["a", "b", "c"]) {
        expect(existsSync(file)).toBe(false);
        const bytes = new TextEncoder().encode(part);
        yield bytes;
        // Whoever makes the parts may use their memory again.
        bytes.fill(0);
      }
    }
    await restoreFile(root.path, { path: "x", mode: 0o644 }, parts());
    expect(readFileSync(file, "utf8")).toBe("abc");
  });

  test("leaves the old file and throws the error of the content if that fails half-way", async () => {
    using root = folder({ x: "old" });
    const damaged = new OpsError(
      "FILE_UNWRITABLE",
      { path: "y", reason: "z" },
      { message: "of the content", hint: "" },
    );
    async function* parts(): AsyncGenerator<Uint8Array> {
      yield NEW;
      throw damaged;
    }
    await expect(restoreFile(root.path, { path: "x", mode: 0o644 }, parts())).rejects.toBe(damaged);
    expect(readdirSync(root.path)).toEqual(["x"]);
    expect(readFileSync(join(root.path, "x"), "utf8")).toBe("old");
  });

  test.each([0o600, 0o644, 0o755, 0o777, 0o444])("sets the mode %i", async (mode) => {
    using root = folder({ x: "old" });
    chmodSync(join(root.path, "x"), 0o640);
    await restoreFile(root.path, { path: "x", mode }, NEW);
    expect(statSync(join(root.path, "x")).mode & 0o7777).toBe(mode);
  });

  test("never sets the bits that let a program run as another user", async () => {
    using root = folder();
    await restoreFile(root.path, { path: "x", mode: 0o6755 }, NEW);
    expect(statSync(join(root.path, "x")).mode & 0o7777).toBe(0o755);
  });

  test("replaces the file instead of writing into it, so that whoever reads the old one can finish", async () => {
    using root = folder({ x: "old" });
    const before = statSync(join(root.path, "x")).ino;
    await restoreFile(root.path, { path: "x", mode: 0o644 }, NEW);
    expect(statSync(join(root.path, "x")).ino).not.toBe(before);
    expect(readFileSync(join(root.path, "x"), "utf8")).toBe("new");
  });

  test("replaces a symbolic link at its path and keeps the file that it led to", async () => {
    using root = projectWithLinks();
    await restoreFile(root.project, { path: "linked", mode: 0o644 }, NEW);
    expect(lstatSync(join(root.project, "linked")).isSymbolicLink()).toBe(false);
    expect(outsideOf(root.path)).toEqual({ "outside/x": "outside" });
  });

  test("works in a project that is itself reached by a symbolic link", async () => {
    using root = folder({ "real/x": "old" });
    symlinkSync("real", join(root.path, "project"));
    await restoreFile(join(root.path, "project"), { path: "a/x", mode: 0o644 }, NEW);
    expect(readFileSync(join(root.path, "real/a/x"), "utf8")).toBe("new");
    expect(realpathSync(join(root.path, "project/a"))).toBe(join(root.path, "real/a"));
  });

  test("fails and keeps the old file without write permission", async () => {
    using root = folder({ "a/x": "old" });
    {
      using _ = denied(join(root.path, "a"), 0o555);
      await expect(restoreFile(root.path, { path: "a/x", mode: 0o644 }, NEW)).rejects.toThrow(
        expect.objectContaining({
          code: "FILE_UNWRITABLE",
          details: { path: join(root.path, "a/x"), reason: "permission denied (EACCES)" },
        }),
      );
    }
    expect(readdirSync(join(root.path, "a"))).toEqual(["x"]);
    expect(readFileSync(join(root.path, "a/x"), "utf8")).toBe("old");
  });

  test("fails and leaves no draft if a folder has the name of the file", async () => {
    using root = folder();
    mkdirSync(join(root.path, "x"));
    await expect(restoreFile(root.path, { path: "x", mode: 0o644 }, NEW)).rejects.toThrow(
      expect.objectContaining({ code: "FILE_UNWRITABLE" }),
    );
    expect(readdirSync(root.path)).toEqual(["x"]);
  });
});

describe("removing a file", () => {
  test("removes it, and does nothing if it or its folder does not exist", async () => {
    using root = folder({ "a/x": "", "a/y": "" });
    await removeFile(root.path, "a/x");
    await removeFile(root.path, "a/x");
    await removeFile(root.path, "b/x");
    expect(readdirSync(join(root.path, "a"))).toEqual(["y"]);
  });

  test("removes a symbolic link itself", async () => {
    using root = projectWithLinks();
    await removeFile(root.project, "linked");
    await removeFile(root.project, "link");
    expect(readdirSync(root.project)).toEqual(["folder"]);
    expect(outsideOf(root.path)).toEqual({ "outside/x": "outside" });
  });

  test("fails at a folder and keeps its files", async () => {
    using root = folder();
    mkdirSync(join(root.path, "a"));
    writeFileSync(join(root.path, "a/x"), "");
    await expect(removeFile(root.path, "a")).rejects.toThrow("it is a folder");
    expect(readdirSync(join(root.path, "a"))).toEqual(["x"]);
  });
});
