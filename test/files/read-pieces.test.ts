import { closeSync, openSync, symlinkSync, utimesSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { pieceReader } from "../../src/files/read-pieces.ts";
import { OpsError } from "../../src/report/error.ts";
import { folder } from "./temporary-folder.ts";

const BYTES = 5_000_000;

function largeFile(root: string): string {
  const path = join(root, "x.bin");
  writeFileSync(path, Buffer.alloc(BYTES, 7));
  // The clock of a file system has ticks of some milliseconds.
  utimesSync(path, 1, 1);
  return path;
}

describe("pieceReader", () => {
  test("passes a large file on in pieces of at most 1 MiB", async () => {
    using root = folder();
    const sizes: number[] = [];
    const read = pieceReader(largeFile(root.path));
    expect(await read(async ({ length }) => void sizes.push(length))).toBe(true);
    expect(Math.max(...sizes)).toBe(1 << 20);
    expect(sizes.reduce((sum, one) => sum + one, 0)).toBe(BYTES);
  });

  test("passes nothing of an empty file on", async () => {
    using root = folder({ empty: "" });
    const pieces: number[] = [];
    const read = pieceReader(join(root.path, "empty"));
    expect(await read(async ({ length }) => void pieces.push(length))).toBe(true);
    expect(pieces).toEqual([]);
  });

  test.each([
    ["writes to it", "r+", 0],
    ["appends to it", "a", null],
  ])("returns false if another program %s meanwhile", async (_, flags, at) => {
    using root = folder();
    const path = largeFile(root.path);
    let written = false;
    const isWhole = await pieceReader(path)(async () => {
      if (written) return;
      written = true;
      const file = openSync(path, flags);
      writeSync(file, Buffer.of(1), 0, 1, at);
      closeSync(file);
    });
    expect(isWhole).toBe(false);
  });

  test("passes the errors of its caller through", async () => {
    using root = folder({ x: "x" });
    const full = new OpsError(
      "FILE_UNWRITABLE",
      { path: "pack", reason: "the disk is full" },
      { message: "full", hint: "Make room." },
    );
    const reading = pieceReader(join(root.path, "x"))(async () => {
      throw full;
    });
    await expect(reading).rejects.toBe(full);
  });

  test.skipIf(process.platform === "win32")("does not follow a symbolic link", async () => {
    using root = folder({ x: "x" });
    symlinkSync(join(root.path, "x"), join(root.path, "link"));
    await expect(pieceReader(join(root.path, "link"))(async () => {})).rejects.toThrow(
      expect.objectContaining({ code: "INPUT_UNREADABLE" }),
    );
  });
});
