import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readRegularFile, UnsupportedFile } from "../../src/files/regular.ts";

const dir = mkdtempSync(join(tmpdir(), "d1ops-regular-"));

test.each([0, 1, 4096, 100_000])("readRegularFile reads a file of %d bytes", (size) => {
  const path = join(dir, String(size));
  const bytes = Buffer.from(Array.from({ length: size }, (_, at) => at % 251));
  writeFileSync(path, bytes);
  expect(readRegularFile(path, 100_000)).toEqual(bytes);
});

test("readRegularFile rejects a file that is larger than the limit", () => {
  const path = join(dir, "large");
  writeFileSync(path, "12345");
  expect(() => readRegularFile(path, 4)).toThrow(UnsupportedFile);
});

test.runIf(process.platform === "linux")(
  "readRegularFile reads a file of the kernel, whose size is 0 until it is read",
  () => {
    const text = readRegularFile("/proc/self/status", 1_000_000).toString();
    expect(text).toContain(`Pid:\t${process.pid}\n`);
  },
);

test.skipIf(process.platform === "win32")(
  "readRegularFile rejects a named pipe instead of waiting for a writer",
  () => {
    const path = join(dir, "pipe");
    execFileSync("mkfifo", [path]);
    expect(() => readRegularFile(path, 10)).toThrow("it is a named pipe");
  },
);
