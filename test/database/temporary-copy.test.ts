import { spawnSync } from "node:child_process";
import {
  lutimesSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test, vi } from "vitest";
import { copyLocal, emptyCopy } from "../../src/database/temporary-copy.ts";
import { ROOT, run } from "../project.ts";
import { source } from "./child.ts";
import { folderForEach, openWal } from "./folder.ts";

const folder = folderForEach();

describe("a copy", () => {
  test("is consistent while others write the file, and only its owner may read it", async () => {
    using db = openWal(folder.file);
    const copy = await copyLocal(folder.file);
    db.exec("DELETE FROM t");
    expect(statSync(copy.path).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(copy.path)).mode & 0o777).toBe(0o700);
    using copied = new DatabaseSync(copy.path);
    expect(copied.prepare("SELECT count(*) AS n FROM t").get()).toEqual({ n: 3 });
    copied.close();
    copy.remove();
    expect(() => statSync(dirname(copy.path))).toThrow("ENOENT");
  });

  test("leaves no file behind if the source is not a database", async () => {
    vi.stubEnv("TMPDIR", folder.path);
    try {
      writeFileSync(folder.file, "this is not a database, whatever its name suggests");
      await expect(copyLocal(folder.file)).rejects.toThrow(/is not a SQLite database/);
    } finally {
      vi.unstubAllEnvs();
    }
    expect(folder.list()).toEqual(["example.sqlite"]);
  });

  test.skipIf(spawnSync("unshare", ["-rm", "true"]).status !== 0)(
    "reports a full disk as FILE_UNWRITABLE, and leaves no file behind",
    () => {
      openWal(folder.file).exec("INSERT INTO t SELECT randomblob(3000000)");
      const room = join(folder.path, "room");
      mkdirSync(room);
      const script = `
        const { readdirSync } = await import("node:fs");
        const { copyLocal } = await import(${source("database/temporary-copy.ts")});
        await copyLocal(${JSON.stringify(folder.file)}).catch((error) => console.log(error.code, error.hint));
        console.log(readdirSync(process.env.TMPDIR).filter((name) => name.startsWith("d1ops")).length);`;
      const shell = `mount -t tmpfs -o size=1m tmpfs "$0" && TMPDIR="$0" exec "$@"`;
      const node = [process.execPath, "--input-type=module", "--eval", script];
      const { stdout, stderr } = spawnSync("unshare", ["-rm", "sh", "-c", shell, room, ...node], {
        encoding: "utf8",
      });
      expect(stdout, stderr).toMatch(/^FILE_UNWRITABLE .*Set TMPDIR to a folder.*\n0\n$/);
    },
  );

  test("removes the copies that killed processes left more than a day ago, and nothing else", () => {
    const left = (name: string, hours: number): void => {
      const path = join(folder.path, name);
      mkdirSync(path);
      const file = join(path, "copy.sqlite");
      writeFileSync(file, "rows");
      const time = Date.now() / 1000 - hours * 3600;
      for (const one of [file, path]) utimesSync(one, time, time);
    };
    left("d1ops-copy-old", 25);
    left("d1ops-copy-new", 23);
    left("another-old", 25);
    left("d1ops-copy-busy", 25);
    writeFileSync(join(folder.path, "d1ops-copy-busy/copy.sqlite"), "written again");
    symlinkSync(join(folder.path, "another-old"), join(folder.path, "d1ops-copy-link"));
    lutimesSync(join(folder.path, "d1ops-copy-link"), 0, 0);
    vi.stubEnv("TMPDIR", folder.path);
    try {
      emptyCopy().remove();
    } finally {
      vi.unstubAllEnvs();
    }
    expect(folder.list()).toEqual([
      "another-old",
      "d1ops-copy-busy",
      "d1ops-copy-link",
      "d1ops-copy-new",
    ]);
  });

  test("removes its exit listener when it is closed", () => {
    const before = process.listenerCount("exit");
    const copies = Array.from({ length: 5 }, () => emptyCopy());
    for (const copy of copies) copy.remove();
    expect(process.listenerCount("exit")).toBe(before);
  });

  test.each([
    ["a process that calls process.exit", "process.exit(130)"],
    ["a process that fails with an error", "throw new Error('on purpose')"],
  ])("is deleted with %s", async (_, end) => {
    const script = join(folder.path, "leave.mjs");
    writeFileSync(
      script,
      `import { emptyCopy } from ${JSON.stringify(join(ROOT, "src/database/temporary-copy.ts"))};
console.log(emptyCopy().path); ${end};`,
    );
    const env = { ...process.env, TMPDIR: folder.path };
    const { stdout, code } = await run(process.execPath, [script], folder.path, { env });
    expect(code).not.toBe(0);
    expect(stdout).toContain("d1ops-copy-");
    expect(readdirSync(folder.path)).toEqual(["leave.mjs"]);
  });

  test("fails with the name of the folder that it could not create", () => {
    vi.stubEnv("TMPDIR", join(folder.path, "nowhere"));
    try {
      expect(() => emptyCopy()).toThrow(expect.objectContaining({ code: "FILE_UNWRITABLE" }));
    } finally {
      vi.unstubAllEnvs();
    }
  });
});
