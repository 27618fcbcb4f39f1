import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { folderStore } from "../../src/files/folder-store.ts";
import { snapshotCodec } from "../../src/files/snapshot-codec.ts";
import { sample, testStore } from "../snapshots/store-contract.ts";
import { denied, type Folder, folder } from "./temporary-folder.ts";

const WRITER = join(import.meta.dirname, "folder-store-writer.ts");

function folderForTest(): Folder {
  const made = folder();
  onTestFinished(() => made[Symbol.dispose]());
  return made;
}

function hidden(path: string): string[] {
  return readdirSync(path).filter((name) => name.startsWith("."));
}

testStore("a store in a folder", async () => folderStore(join(folderForTest().path, "a/b")));

describe("a store in a folder", () => {
  test("creates nothing before the first write", async () => {
    using root = folder();
    const store = folderStore(join(root.path, "a/b"));
    await store.list("packs");
    await store.remove("packs", sample().name);
    expect(readdirSync(root.path)).toEqual([]);
  });

  test("creates folders and files that only their owner may read", async () => {
    using root = folder();
    const { name, bytes } = sample();
    await folderStore(join(root.path, "new/store")).write("packs", name, bytes);
    const mode = (path: string): number => statSync(join(root.path, path)).mode & 0o777;
    expect(["new", "new/store", "new/store/packs"].map(mode)).toEqual([0o700, 0o700, 0o700]);
    expect(mode(`new/store/packs/${name}`)).toBe(0o600);
  });

  test("does not write an object again that exists", async () => {
    using root = folder();
    const store = folderStore(root.path);
    const { name, bytes } = sample();
    await store.write("packs", name, bytes);
    const file = join(root.path, "packs", name);
    const before = statSync(file).ino;
    await store.write("packs", name, bytes);
    expect(statSync(file).ino).toBe(before);
  });

  test("writes an object again that has lost its end", async () => {
    using root = folder();
    const store = folderStore(root.path);
    const { name, bytes } = sample();
    await store.write("packs", name, bytes);
    truncateSync(join(root.path, "packs", name), 10);
    await store.write("packs", name, bytes);
    expect(await store.read("packs", name)).toEqual(new Uint8Array(bytes));
  });

  test("ignores files, folders and links that are no objects", async () => {
    using root = folder({ "packs/README.md": "x", elsewhere: "x" });
    mkdirSync(join(root.path, "packs", "a".repeat(64)));
    symlinkSync("../elsewhere", join(root.path, "packs", "b".repeat(64)));
    writeFileSync(join(root.path, "packs", "C".repeat(64)), "");
    expect(await folderStore(root.path).list("packs")).toEqual([]);
  });

  test("neither reads nor removes a file outside of it, whatever name a manifest has for it", async () => {
    using root = folder({ "store/packs/x": "", secret: "secret" });
    const store = folderStore(join(root.path, "store"));
    expect(await store.read("packs", "../../secret")).toBeNull();
    await store.remove("packs", "../../secret");
    await expect(store.write("packs", "../../secret", sample().bytes)).rejects.toThrow("name");
    expect(readFileSync(join(root.path, "secret"), "utf8")).toBe("secret");
  });
});

describe("a symbolic link inside a store", () => {
  test("is not followed for writing and removing if it replaces a folder", async () => {
    using root = folder({ "elsewhere/x": "" });
    const { name, bytes } = sample();
    mkdirSync(join(root.path, "store"));
    symlinkSync("../elsewhere", join(root.path, "store/packs"));
    const store = folderStore(join(root.path, "store"));
    const refusal = expect.objectContaining({
      code: "FILE_UNWRITABLE",
      message: expect.stringContaining("is a symbolic link"),
    });
    await expect(store.write("packs", name, bytes)).rejects.toThrow(refusal);
    writeFileSync(join(root.path, "elsewhere", name), bytes);
    await expect(store.remove("packs", name)).rejects.toThrow(refusal);
    expect(readdirSync(join(root.path, "elsewhere")).toSorted()).toEqual([name, "x"].toSorted());
  });

  test("is replaced and not followed if it has the name of an object", async () => {
    using root = folder({ "store/packs/x": "", mine: "mine" });
    const { name, bytes } = sample();
    symlinkSync("../../mine", join(root.path, "store/packs", name));
    const store = folderStore(join(root.path, "store"));
    await expect(store.read("packs", name)).rejects.toThrow(
      expect.objectContaining({
        code: "INPUT_UNREADABLE",
        details: expect.objectContaining({ reason: "it is a symbolic link (ELOOP)" }),
      }),
    );
    await store.write("packs", name, bytes);
    expect(readFileSync(join(root.path, "mine"), "utf8")).toBe("mine");
    expect(await store.read("packs", name)).toEqual(new Uint8Array(bytes));
  });
});

describe("a fault of the disk", () => {
  test("is an error with a hint if the folder may not be written, and leaves no file behind", async () => {
    using root = folder({ "packs/x": "" });
    using _ = denied(join(root.path, "packs"), 0o555);
    const { name, bytes } = sample();
    const path = join(root.path, "packs", name);
    await expect(folderStore(root.path).write("packs", name, bytes)).rejects.toThrow(
      expect.objectContaining({
        code: "FILE_UNWRITABLE",
        details: { path, reason: "permission denied (EACCES)" },
        hint: expect.stringContaining(`ls -ld ${join(root.path, "packs")}`),
      }),
    );
    expect(readdirSync(join(root.path, "packs"))).toEqual(["x"]);
  });

  test("is an error if the folder may not be read, and never an empty list", async () => {
    using root = folder({ "packs/x": "" });
    using _ = denied(join(root.path, "packs"), 0o000);
    const refusal = expect.objectContaining({
      code: "INPUT_UNREADABLE",
      // Also for an object in it, which `ls` cannot see.
      hint: expect.stringMatching(/\nls -ld \S*\/packs$/) as string,
    });
    await expect(folderStore(root.path).list("packs")).rejects.toThrow(refusal);
    await expect(folderStore(root.path).read("packs", sample().name)).rejects.toThrow(refusal);
  });

  test.for([
    ["the disk is full (ENOSPC)", "size=400k", "df -h"],
    ["the file system is read-only (EROFS)", "size=400k,ro", "ls -ld"],
  ] as const)(
    "is an error with the reason that %s, and leaves no draft",
    async ([reason, options, hint], { skip }) => {
      using root = folder();
      using disk = mounted(root.path, options);
      if (disk === null) skip("this user may not mount a file system");
      const { name, bytes } = sample(1_000_000);
      const store = folderStore(root.path);
      await expect(store.write("packs", name, bytes)).rejects.toThrow(
        expect.objectContaining({
          code: "FILE_UNWRITABLE",
          details: { path: join(root.path, "packs", name), reason },
          hint: expect.stringContaining(hint),
        }),
      );
      expect(await store.list("packs")).toEqual([]);
      if (reason.includes("full")) expect(hidden(join(root.path, "packs"))).toEqual([]);
    },
  );
});

describe("a killed writer", () => {
  test("leaves only whole objects and hidden drafts, at whichever moment it is killed", async () => {
    using root = folder();
    const store = folderStore(root.path);
    for (let kill = 0; kill < 12; kill += 1) {
      const child = spawn(process.execPath, [WRITER, root.path], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      await once(child.stdout, "data");
      // The next object is being written. A different number of turns of the event loop passes before each kill.
      for (let turn = 0; turn < kill * 40; turn += 1) await new Promise(setImmediate);
      child.kill("SIGKILL");
      await once(child, "close");
    }
    const objects = await store.list("packs");
    expect(objects.length).toBeGreaterThanOrEqual(12);
    for (const { name, bytes } of objects) {
      expect(bytes).toBe(1_000_000);
      expect(snapshotCodec.digest((await store.read("packs", name)) ?? new Uint8Array())).toBe(
        name,
      );
    }
    const drafts = readdirSync(join(root.path, "packs")).length - objects.length;
    expect(hidden(join(root.path, "packs"))).toHaveLength(drafts);
  });

  test("has its draft removed by the next write a day later, and not before", async () => {
    using root = folder();
    const { name, bytes } = sample();
    const drafts = ["11111111-2222-4333-8444-555555555555", "21111111-2222-4333-8444-555555555555"];
    const [old = "", recent = ""] = drafts.map((id) => join(root.path, `packs/.${id}.tmp`));
    mkdirSync(join(root.path, "packs"));
    const others = [".DS_Store", ".mine.tmp"].map((one) => join(root.path, "packs", one));
    const yesterday = Date.now() / 1000 - 24 * 60 * 60 - 60;
    for (const path of [old, recent, ...others]) writeFileSync(path, "half");
    for (const path of [old, ...others]) utimesSync(path, yesterday, yesterday);
    utimesSync(recent, yesterday + 120, yesterday + 120);
    await folderStore(root.path).write("packs", name, bytes);
    expect(readdirSync(join(root.path, "packs")).toSorted()).toEqual(
      [".DS_Store", ".mine.tmp", `.${drafts[1]}.tmp`, name].toSorted(),
    );
  });
});

test("many writers of the same object all return, and the object is whole", async () => {
  using root = folder();
  const { name, bytes } = sample(200_000);
  const stores = Array.from({ length: 20 }, () => folderStore(join(root.path, "store")));
  await Promise.all(stores.map(async (store) => store.write("packs", name, bytes)));
  expect(readdirSync(join(root.path, "store/packs"))).toEqual([name]);
  expect(await folderStore(join(root.path, "store")).read("packs", name)).toEqual(
    new Uint8Array(bytes),
  );
});

/** A small disk in memory until the end of the block. Null if this user may not mount one. */
function mounted(path: string, options: string): Disposable | null {
  const mount = spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", path]);
  return mount.status === 0 ? { [Symbol.dispose]: () => spawnSync("umount", [path]) } : null;
}
