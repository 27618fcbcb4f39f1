import { closeSync, openSync, utimesSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readUnchanged } from "../../src/files/read-unchanged.ts";
import { folder } from "./temporary-folder.ts";

/** So large that reading it takes many turns of the event loop. */
const BYTES = 40_000_000;

/** Writes the number of the turn to both ends of the file, in at most so many turns of the event loop, and only until the reading ends. */
async function writeWhile<T>(path: string, reading: Promise<T>, turns: number): Promise<T> {
  const ended = new AbortController();
  const end = (): void => ended.abort();
  reading.then(end, end);
  const file = openSync(path, "r+");
  for (let turn = 1; turn <= turns && !ended.signal.aborted; turn += 1) {
    await new Promise(setImmediate);
    writeSync(file, Buffer.of(turn % 256), 0, 1, 0);
    writeSync(file, Buffer.of(turn % 256), 0, 1, BYTES - 1);
  }
  closeSync(file);
  return reading;
}

function largeFile(root: string): string {
  const path = join(root, "x.bin");
  writeFileSync(path, Buffer.alloc(BYTES));
  // The clock of a file system has ticks of some milliseconds.
  utimesSync(path, 1, 1);
  return path;
}

describe("reading a file that another program writes", () => {
  test("reads it again, so that all bytes are of the same moment", async () => {
    using root = folder();
    const path = largeFile(root.path);
    const bytes = await writeWhile(path, readUnchanged(path, "x.bin"), 20);
    expect(bytes).toHaveLength(BYTES);
    expect([bytes[0], bytes.at(-1)]).toEqual([20, 20]);
  });

  test("fails after three readings if the file changes during each", async () => {
    using root = folder();
    const path = largeFile(root.path);
    await expect(writeWhile(path, readUnchanged(path, "a/x.bin"), Infinity)).rejects.toThrow(
      expect.objectContaining({
        code: "INPUT_UNREADABLE",
        details: { path, reason: "it changed each of the 3 times that d1ops read it" },
        hint: 'Stop the program that writes it, or exclude it with the glob "!a/x.bin".',
      }),
    );
  });
});
