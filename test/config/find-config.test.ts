import { join } from "node:path";
import { expect, test } from "vitest";
import { findConfig } from "../../src/config/find-config.ts";
import { folder } from "../files/temporary-folder.ts";

test("findConfig finds a config in the folder or above it", async () => {
  using root = folder({ "wrangler.jsonc": "{}", "a/b/c.ts": "" });
  const path = join(root.path, "wrangler.jsonc");
  const found = { configPath: path, userConfigPath: path, redirected: false };
  expect(await findConfig(root.path)).toEqual(found);
  expect(await findConfig(join(root.path, "a/b"))).toEqual(found);
});

test("findConfig names the folder where the search began if it finds no config", async () => {
  using root = folder();
  await expect(findConfig(root.path)).rejects.toMatchObject({
    code: "CONFIG_NOT_FOUND",
    details: { searchedFrom: root.path },
    hint: "Change to the project's folder, or name the file:\nd1ops … -c PATH",
  });
});

test("findConfig suggests the config beside a --config that does not exist", async () => {
  using root = folder({ "wrangler.jsonc": "{}" });
  await expect(findConfig(root.path, "wrangler.json")).rejects.toMatchObject({
    code: "CONFIG_UNREADABLE",
    details: { path: join(root.path, "wrangler.json"), reason: "it does not exist (ENOENT)" },
    hint: `To use the config in that folder:\nd1ops … --config ${join(root.path, "wrangler.jsonc")}`,
  });
});

test("findConfig returns the config that a person wrote in addition to the redirect's", async () => {
  using root = folder({
    "wrangler.json": "{}",
    "out/w.json": "{}",
    ".wrangler/deploy/config.json": '{ "configPath": "../../out/w.json" }',
  });
  const own = join(root.path, "wrangler.json");
  expect(await findConfig(root.path)).toEqual({
    configPath: join(root.path, "out/w.json"),
    userConfigPath: own,
    redirected: true,
  });
  expect(await findConfig(root.path, undefined, "ignore")).toMatchObject({ configPath: own });
});

test("findConfig says how to remove a redirect whose target does not exist", async () => {
  using root = folder({ ".wrangler/deploy/config.json": '{ "configPath": "x.json" }' });
  await expect(findConfig(root.path)).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: expect.stringContaining(join(root.path, ".wrangler/deploy/x.json")),
    hint: expect.stringContaining("rm "),
  });
});
