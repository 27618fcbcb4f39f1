import { execFileSync } from "node:child_process";
import { symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readDocument } from "../../../src/commands/onboard/documents.ts";
import { folder } from "../../files/temporary-folder.ts";

const odd = test.skipIf(process.platform === "win32");

odd("a document that is a named pipe, a device or huge is refused, and not waited for", () => {
  using root = folder();
  execFileSync("mkfifo", [join(root.path, "pipe.md")]);
  symlinkSync("/dev/zero", join(root.path, "zero.md"));
  writeFileSync(join(root.path, "huge.md"), "");
  truncateSync(join(root.path, "huge.md"), 4_000_001);
  for (const [name, reason] of [
    ["pipe.md", "it is a named pipe"],
    ["zero.md", "it is a device"],
    ["huge.md", "it has 4,000,001 bytes"],
  ] as const) {
    expect(() => readDocument(name, root.path)).toThrowError(
      expect.objectContaining({
        code: "INPUT_UNREADABLE",
        message: expect.stringContaining(`${name} cannot be read: ${reason}`),
        hint: "Name a text file. A document has 200,000 characters at most.",
      }),
    );
  }
});
