import { join } from "node:path";
import { TextDecoder } from "node:util";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readText } from "../../src/files/read-text.ts";
import { OpsError } from "../../src/report/error.ts";
import { denied, folder } from "./temporary-folder.ts";

test.each([
  ["nothing", ""],
  ["a byte order mark", "\uFEFFselect 1;"],
  ["CRLF and CR", "a\r\nb\rc\n"],
  ["NUL", "a\0b"],
  ["astral characters and U+FFFD itself", "\u{1F600}\uFFFD\uFFFD"],
])("readText returns the exact text: %s", (_, text) => {
  using root = folder({ "1.sql": text });
  expect(readText(join(root.path, "1.sql"))).toBe(text);
});

describe("readText of bytes that are not UTF-8", () => {
  test.each([
    ["Latin-1", "61e962", 1, 1],
    ["on the third line", "610a0d0a80", 3, 4],
    ["cut short at the end", "6162e282", 1, 2],
    ["a surrogate", "61eda080", 1, 1],
    ["too long a form", "61c0af", 1, 1],
    ["beyond Unicode", "f4908080", 1, 0],
    ["after U+FFFD itself", "efbfbd0aefbfbdff", 2, 7],
    ["U+FFFD cut short", "efbfbdefbf41", 1, 3],
  ])("reports the line from 1 and the byte from 0: %s", (_, hex, line, byte) => {
    using root = folder({ "1.sql": Buffer.from(hex, "hex") });
    const path = join(root.path, "1.sql");
    expect(() => readText(path)).toThrow(
      expect.objectContaining({ code: "MIGRATION_NOT_UTF8", details: { path, line, byte } }),
    );
  });

  test.each([
    ["UTF-16LE", "fffe61000a00"],
    ["UTF-16BE", "feff0061000a"],
  ])("names the encoding %s", (encoding, hex) => {
    using root = folder({ "1.sql": Buffer.from(hex, "hex") });
    expect(() => readText(join(root.path, "1.sql"))).toThrow(
      expect.objectContaining({
        code: "MIGRATION_NOT_UTF8",
        message: expect.stringContaining(encoding),
        hint: expect.stringContaining(`iconv -f ${encoding} `),
      }),
    );
  });

  test("reports the byte where a strict decoder fails", () => {
    const piece = fc.oneof(
      fc.string({ unit: "grapheme" }).map((it) => Buffer.from(it)),
      fc.constant(Buffer.from("\uFFFD")),
      fc.uint8Array({ maxLength: 4 }).map((it) => Buffer.from(it)),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const bytes = Buffer.concat(pieces);
        using root = folder({ "1.sql": bytes });
        const file = join(root.path, "1.sql");
        let expected: string | null = null;
        try {
          expected = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
        } catch {
          // Not UTF-8.
        }
        if (expected !== null) {
          expect(readText(file)).toBe(expected);
          return;
        }
        const error = errorOf(() => readText(file));
        expect(error).toHaveProperty("code", "MIGRATION_NOT_UTF8");
        const byte = Number(Object(error.details).byte);
        const decoder = new TextDecoder("utf-8", { fatal: true });
        expect(() => decoder.decode(bytes.subarray(0, byte))).not.toThrow();
        for (let end = byte + 1; end <= Math.min(byte + 4, bytes.length); end += 1) {
          expect(() => decoder.decode(bytes.subarray(byte, end))).toThrow(TypeError);
        }
      }),
    );
  });
});

describe("readText of an unreadable path", () => {
  test.each([
    ["a folder", "dir", "it is a folder (EISDIR)"],
    ["a missing file", "none.sql", "it does not exist (ENOENT)"],
    ["a path below a file", "1.sql/2.sql", "a part of its path is not a folder (ENOTDIR)"],
  ])("fails with the reason for %s", (_, name, reason) => {
    using root = folder({ "1.sql": "", "dir/x": "" });
    const path = join(root.path, name);
    expect(() => readText(path)).toThrow(
      expect.objectContaining({ code: "MIGRATION_UNREADABLE", details: { path, reason } }),
    );
  });

  test("fails with the reason if the file has no read permission", () => {
    using root = folder({ "1.sql": "" });
    const path = join(root.path, "1.sql");
    using _ = denied(path, 0o000);
    expect(() => readText(path)).toThrow(
      expect.objectContaining({ details: { path, reason: "permission denied (EACCES)" } }),
    );
  });
});

function errorOf(act: () => unknown): OpsError {
  try {
    act();
  } catch (error) {
    if (error instanceof OpsError) return error;
    throw error;
  }
  throw new Error("It did not throw.");
}
