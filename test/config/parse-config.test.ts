import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findConfig } from "../../src/config/find-config.ts";
import { parseConfig } from "../../src/config/parse-config.ts";
import { denied, folder } from "../files/temporary-folder.ts";

describe("parseConfig of invalid text", () => {
  test.each([
    ["a.json", "{", 1, 2, "Close brace expected"],
    ["a.json", '{\n  "a": 1\n  "b": 2\n}', 3, 3, "Comma expected"],
    ["a.json", '{\r\n  "a" 1\r\n}', 2, 7, "Colon expected"],
    ["a.jsonc", "", 1, 1, "Value expected"],
    ["a.jsonc", "{ /* never closed", 1, 3, "Unexpected end of comment"],
    ["a.toml", "a = ", 1, 5, "invalid value"],
    ["a.toml", 'a = 1\nb = "x', 2, 5, "unfinished string"],
    ["a.toml", "a = 1\na = 2", 2, 1, "trying to redefine an already defined table or value"],
  ])("reports line and column from 1: %s %j", async (name, text, line, column, problem) => {
    using root = folder({ [name]: text });
    const path = join(root.path, name);
    await expect(parseConfig(path)).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      details: { path, line, column, problem: `${problem}.` },
      message: `${path}:${line}:${column}: ${problem}.`,
    });
  });
});

test.each([
  ["UTF-16LE", "fffe7b00"],
  ["UTF-16BE", "feff007b"],
  ["UTF-32LE", "fffe00007b000000"],
  ["UTF-32BE", "0000feff0000007b"],
])("parseConfig rejects a file in %s with the name of its encoding", async (encoding, bytes) => {
  using root = folder({ "a.json": Buffer.from(bytes, "hex") });
  await expect(parseConfig(join(root.path, "a.json"))).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: expect.stringContaining(`encoded as ${encoding}.`),
    hint: expect.stringContaining(`iconv -f ${encoding} `),
  });
});

test("parseConfig reports that a path is a folder", async () => {
  using root = folder({ "a.json/x": "" });
  await expect(parseConfig(join(root.path, "a.json"))).rejects.toMatchObject({
    code: "CONFIG_UNREADABLE",
    details: { reason: "it is a folder (EISDIR)" },
  });
});

test("parseConfig reports a file without read permission", async () => {
  using root = folder({ "a/wrangler.json": "{}" });
  const path = join(root.path, "a/wrangler.json");
  using _ = denied(join(root.path, "a"), 0o000);
  const found = await findConfig(root.path, path);
  await expect(parseConfig(found.configPath)).rejects.toMatchObject({
    code: "CONFIG_UNREADABLE",
    details: { path, reason: "permission denied (EACCES)" },
  });
});
