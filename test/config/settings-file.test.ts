import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isMissing, readSettingsFile } from "../../src/config/settings-file.ts";
import { FILE } from "../../src/known-settings.ts";
import { folder } from "../files/temporary-folder.ts";

async function read(text: string | Buffer): Promise<unknown> {
  using root = folder({ "d1ops.jsonc": text });
  return readSettingsFile(join(root.path, "d1ops.jsonc"), FILE);
}

describe("readSettingsFile accepts", () => {
  test.each([
    ["no settings", "{}", {}],
    [
      "comments and trailing commas",
      '{\n // a\n "snapshots": { /* b */ "store": "b", },\n}',
      { store: "b" },
    ],
    ["a byte order mark", '\uFEFF{"snapshots":{"store":"b"}}', { store: "b" }],
    ["CRLF", '{\r\n"snapshots":\r\n{"store":"b"}\r\n}\r\n', { store: "b" }],
  ])("%s", async (_, text, snapshots) => {
    const expected = Object.keys(snapshots).length === 0 ? {} : { snapshots };
    expect(await read(text)).toEqual(expected);
  });

  test("the path of the schema", async () => {
    expect(await read('{"$schema":"./x.json"}')).toEqual({ $schema: "./x.json" });
  });
});

describe("readSettingsFile names line and column from 1 of", () => {
  test.each([
    ["an empty file", "", 1, 1, "Value expected."],
    ["a file of comments", "// {}", 1, 6, "Value expected."],
    ["an object without end", '{\n"snapshots": {', 2, 15, "Close brace expected."],
    ["a second value", "{}\n{}", 2, 1, "End of file expected."],
    ["a list", " []", 1, 2, "the file is a list; it has to be an object."],
    ["null", "null", 1, 1, "the file is null; it has to be an object."],
    [
      "an unknown group",
      '{\n  "stores": {}\n}',
      2,
      3,
      "stores is not a setting; the settings are $schema, snapshots, homes, audit, masks.",
    ],
    [
      "a key named __proto__",
      '{"__proto__": {}}',
      1,
      2,
      "__proto__ is not a setting; the settings are $schema, snapshots, homes, audit, masks.",
    ],
    [
      "a group that is null",
      '{"snapshots": null}',
      1,
      15,
      "snapshots is null; it has to be an object.",
    ],
    [
      "a value of another type",
      '{"snapshots": {\n"store": 5}}',
      2,
      10,
      "snapshots.store is 5; it has to be a path.",
    ],
    [
      "a home without a bucket",
      '{"homes": {"r2": {}}}',
      1,
      18,
      "homes.r2.bucket is missing; it has to be a name of 3 to 63 letters, digits, dots and hyphens.",
    ],
    [
      "a home with another name",
      '{"homes": {"./r2": {"bucket": "abc"}}}',
      1,
      12,
      "homes../r2 has to be a name of small letters, digits and hyphens.",
    ],
    [
      "an item of a list",
      '{"snapshots": {"files": ["a",\n ""]}}',
      2,
      2,
      'snapshots.files.1 is ""; it has to be a text that is not empty.',
    ],
    [
      "a repeated key",
      '{"snapshots": {"store": "a",\n"store": "b"}}',
      2,
      1,
      "snapshots.store is set twice.",
    ],
    ["a repeated group", '{"snapshots": {},\n "snapshots": {}}', 2, 2, "snapshots is set twice."],
  ])("%s", async (_, text, line, column, problem) => {
    await expect(read(text)).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      details: { line, column, problem },
      message: expect.stringMatching(new RegExp(`d1ops.jsonc:${line}:${column}: `)) as string,
    });
  });
});

test("readSettingsFile reports all problems in the order of the file, and what to do about each", async () => {
  const text = `{
  "snapshots": {
    "flies": [],
    "store": true,
    "store": "a",
    "retention": { "dayly": 7, "daily": -1 }
  }
}`;
  await expect(read(text)).rejects.toMatchObject({
    message: expect.stringMatching(
      /:3:5: snapshots\.flies is not[^\n]*\n.*:5:5: snapshots\.store is set twice\.\n.*:6:20: snapshots\.retention\.dayly is not[^\n]*\n.*:6:41: snapshots\.retention\.daily is -1; it has to be a whole number, 0 or more\.$/,
    ) as string,
    hint: `snapshots.flies: did you mean files?
Remove it from line 5, or above.
snapshots.retention.dayly: did you mean daily?
Correct line 6, or remove the setting.
docs/settings.md of the package d1ops lists the settings.`,
  });
});

test.each([
  ["100,000 levels of brackets", "[".repeat(100_000)],
  ["100,000 levels of objects", '{"a":'.repeat(100_000)],
])("readSettingsFile refuses %s", async (_, text) => {
  await expect(read(text)).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: expect.stringContaining("too many levels of brackets") as string,
  });
});

test("readSettingsFile refuses UTF-16 with the command that converts it", async () => {
  await expect(read(Buffer.from("fffe7b007d00", "hex"))).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    hint: expect.stringContaining("iconv -f UTF-16LE") as string,
  });
});

test("a folder with the name of the file, and a link to nothing, exist and cannot be read", async () => {
  using root = folder({ "a/d1ops.jsonc/x": "", "b/x": "" });
  symlinkSync("nowhere", join(root.path, "b/d1ops.jsonc"));
  for (const [name, reason] of [
    ["a", "it is a folder (EISDIR)"],
    ["b", "it does not exist (ENOENT)"],
  ] as const) {
    const path = join(root.path, name, "d1ops.jsonc");
    expect(isMissing(path)).toBe(false);
    await expect(readSettingsFile(path, FILE)).rejects.toMatchObject({
      code: "CONFIG_UNREADABLE",
      details: { path, reason },
    });
  }
  expect(isMissing(join(root.path, "d1ops.jsonc"))).toBe(true);
});
