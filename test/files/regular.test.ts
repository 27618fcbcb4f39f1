import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readRegularFile, readRegularText, UnsupportedFile } from "../../src/files/regular.ts";

const dir = mkdtempSync(join(tmpdir(), "d1ops-regular-"));

test.each([0, 1, 4096, 100_000])("readRegularFile reads a file of %d bytes", (size) => {
  const path = join(dir, String(size));
  const bytes = Buffer.from(Array.from({ length: size }, (_, at) => at % 251));
  writeFileSync(path, bytes);
  expect(readRegularFile(path, 100_000)).toEqual(bytes);
});

test("readRegularText decodes UTF-8, and writes U+FFFD for a byte that is not UTF-8", () => {
  const path = join(dir, "text");
  writeFileSync(path, Buffer.concat([Buffer.from("é😀"), Buffer.from([0xff])]));
  expect(readRegularText(path, 100)).toBe("é😀\uFFFD");
});

describe.each([
  ["readRegularFile", readRegularFile],
  ["readRegularText", readRegularText],
])("%s", (_, read) => {
  test("rejects a file that is larger than the limit", () => {
    const path = join(dir, "large");
    writeFileSync(path, "12345");
    expect(() => read(path, 4)).toThrow(UnsupportedFile);
  });

  test.skipIf(process.platform === "win32")(
    "rejects a named pipe instead of waiting for a writer",
    () => {
      const path = mkdtempSync(join(dir, "pipe-"));
      execFileSync("mkfifo", [join(path, "pipe")]);
      expect(() => read(join(path, "pipe"), 10)).toThrow("it is a named pipe");
    },
  );
});

test.runIf(process.platform === "linux")(
  "readRegularFile reads a file of the kernel, whose size is 0 until it is read",
  () => {
    const text = readRegularFile("/proc/self/status", 1_000_000).toString();
    expect(text).toContain(`Pid:\t${process.pid}\n`);
  },
);
