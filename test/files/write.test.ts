import fs, { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { writeNewFile } from "../../src/files/write.ts";
import { OpsError } from "../../src/report/error.ts";
import { denied, folder } from "./temporary-folder.ts";

/** Replaces a function of node's file system until the end of the block that declares it with `using`. */
function faulty<Name extends "linkSync" | "writeFileSync">(
  name: Name,
  stand: (typeof fs)[Name],
): Disposable {
  const real = fs[name];
  fs[name] = stand;
  syncBuiltinESMExports();
  return {
    [Symbol.dispose]() {
      fs[name] = real;
      syncBuiltinESMExports();
    },
  };
}

test("writeNewFile writes the text, and leaves no other file in the folder", () => {
  using root = folder();
  const text = "\uFEFFselect 'é';\r\n";
  writeNewFile(join(root.path, "1.sql"), text);
  expect(readFileSync(join(root.path, "1.sql"), "utf8")).toBe(text);
  expect(readdirSync(root.path)).toEqual(["1.sql"]);
});

test("writeNewFile accepts a name of the maximum length", () => {
  using root = folder();
  const name = `${"x".repeat(251)}.sql`;
  writeNewFile(join(root.path, name), "");
  expect(readdirSync(root.path)).toEqual([name]);
});

describe("writeNewFile at an existing path", () => {
  test.each([
    ["a file", (path: string) => writeFileSync(path, "mine")],
    ["a folder", (path: string) => mkdirSync(path)],
    ["a dangling link", (path: string) => fs.symlinkSync("nowhere", path)],
  ])("keeps %s that exists", (_, make) => {
    using root = folder();
    const path = join(root.path, "1.sql");
    make(path);
    expect(() => writeNewFile(path, "yours")).toThrow(
      expect.objectContaining({ code: "MIGRATION_EXISTS", details: { path } }),
    );
    expect(readdirSync(root.path)).toEqual(["1.sql"]);
    if (fs.statSync(path, { throwIfNoEntry: false })?.isFile()) {
      expect(readFileSync(path, "utf8")).toBe("mine");
    }
  });
});

test("writeNewFile throws the error that its caller gives for an existing path", () => {
  using root = folder({ "d1ops.jsonc": "mine" });
  const path = join(root.path, "d1ops.jsonc");
  const text = { message: "It exists.", hint: "Move it away." };
  const taken = (known: string): OpsError => new OpsError("SETTINGS_EXIST", { path: known }, text);
  expect(() => writeNewFile(path, "yours", taken)).toThrow(
    expect.objectContaining({ code: "SETTINGS_EXIST", details: { path } }),
  );
  expect(readFileSync(path, "utf8")).toBe("mine");
});

describe("a file system without hard links", () => {
  test("receives the whole file", () => {
    using root = folder();
    using _ = faulty("linkSync", () => fail("EPERM"));
    writeNewFile(join(root.path, "1.sql"), "text");
    expect(readFileSync(join(root.path, "1.sql"), "utf8")).toBe("text");
    expect(readdirSync(root.path)).toEqual(["1.sql"]);
  });

  test("keeps an existing file", () => {
    using root = folder({ "1.sql": "mine" });
    using _ = faulty("linkSync", () => fail("ENOTSUP"));
    expect(() => writeNewFile(join(root.path, "1.sql"), "yours")).toThrow(
      expect.objectContaining({ code: "MIGRATION_EXISTS" }),
    );
    expect(readFileSync(join(root.path, "1.sql"), "utf8")).toBe("mine");
    expect(readdirSync(root.path)).toEqual(["1.sql"]);
  });
});

test("writeNewFile creates a missing folder", () => {
  using root = folder();
  writeNewFile(join(root.path, "a/b/1.sql"), "x");
  expect(readdirSync(join(root.path, "a/b"))).toEqual(["1.sql"]);
});

describe("writeNewFile", () => {
  test("fails and leaves no file behind if the folder is a file", () => {
    using root = folder();
    writeFileSync(join(root.path, "m"), "");
    expect(() => writeNewFile(join(root.path, "m/1.sql"), "")).toThrow(
      expect.objectContaining({ code: "FILE_UNWRITABLE", hint: expect.stringContaining("ls -ld") }),
    );
  });

  test("fails and leaves no file behind if the name is too long", () => {
    using root = folder();
    expect(() => writeNewFile(join(root.path, "x".repeat(300)), "")).toThrow(
      expect.objectContaining({ code: "FILE_UNWRITABLE" }),
    );
    expect(readdirSync(root.path)).toEqual([]);
  });

  test("fails and leaves no file behind without write permission", () => {
    using root = folder({ "m/x": "" });
    const path = join(root.path, "m");
    using _ = denied(path, 0o555);
    expect(() => writeNewFile(join(path, "1.sql"), "")).toThrow(
      expect.objectContaining({
        code: "FILE_UNWRITABLE",
        details: expect.objectContaining({ reason: "permission denied (EACCES)" }),
      }),
    );
    expect(readdirSync(path)).toEqual(["x"]);
  });

  test.each([
    ["ENOSPC", "the disk is full (ENOSPC)"],
    ["EROFS", "the file system is read-only (EROFS)"],
  ])(
    "fails and leaves no file behind if the system reports %s during the write",
    (code, reason) => {
      using root = folder();
      const write = fs.writeFileSync;
      using _ = faulty("writeFileSync", (file) => {
        write(file, "hal");
        fail(code);
      });
      expect(() => writeNewFile(join(root.path, "1.sql"), "half")).toThrow(
        expect.objectContaining({
          code: "FILE_UNWRITABLE",
          details: { path: join(root.path, "1.sql"), reason },
        }),
      );
      expect(readdirSync(root.path)).toEqual([]);
    },
  );
});

function fail(code: string): never {
  throw Object.assign(new Error(code), { code });
}
