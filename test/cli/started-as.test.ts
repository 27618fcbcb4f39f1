import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { commandOf } from "../../src/cli/started-as.ts";

const cwd = "/home/ada/shop";
const bin = `${cwd}/node_modules/.bin/d1ops`;
const inside = `${cwd}/node_modules/d1ops/bin/d1ops.js`;
const npm = { npm_config_user_agent: "npm/11.4.2 node/v24.3.0 linux x64 workspaces/false" };
const pnpm = { npm_config_user_agent: "pnpm/10.12.1 npm/? node/v24.3.0 linux x64" };
const yarn = { npm_config_user_agent: "yarn/4.9.2 npm/? node/v24.3.0 linux x64" };
const bun = { npm_config_user_agent: "bun/1.2.15 npm/? node/v24.3.0 linux x64" };

test.each<[string, string, Readonly<Record<string, string>>, string]>([
  ["npx, npm exec and npm run", bin, npm, "npx d1ops"],
  [
    "npx of a package that is not installed",
    "/home/ada/.npm/_npx/1a/node_modules/.bin/d1ops",
    npm,
    "npx d1ops",
  ],
  ["pnpm exec, whose shim starts the file itself", inside, pnpm, "pnpm exec d1ops"],
  ["pnpm dlx", "/home/ada/.cache/pnpm/dlx-44/node_modules/.bin/d1ops", pnpm, "pnpm dlx d1ops"],
  ["yarn", inside, yarn, "yarn d1ops"],
  ["yarn dlx", "/tmp/xfs-1/dlx-44/node_modules/d1ops/bin/d1ops.js", yarn, "yarn dlx d1ops"],
  ["bunx", bin, bun, "bunx d1ops"],
  ["a shim by its path", "./node_modules/.bin/d1ops", { PATH: "/usr/bin" }, "npx d1ops"],
  ["a shim of Windows", String.raw`C:\shop\node_modules\d1ops\bin\d1ops.js`, npm, "npx d1ops"],
  ["an installation for all", "/usr/local/bin/d1ops", { PATH: "/usr/bin:/usr/local/bin" }, "d1ops"],
  [
    "the same in a script of npm",
    "/usr/local/bin/d1ops",
    { ...npm, PATH: "/usr/local/bin" },
    "d1ops",
  ],
  ["a link that no PATH leads to", "/opt/d1ops", { PATH: "/usr/bin" }, "npx d1ops"],
  ["a checkout", `${cwd}/bin/d1ops.js`, {}, "node bin/d1ops.js"],
  ["a checkout in a script of npm", `${cwd}/bin/d1ops.js`, npm, "node bin/d1ops.js"],
  ["a checkout elsewhere", "/src/d1 ops/bin/d1ops.js", {}, "node '/src/d1 ops/bin/d1ops.js'"],
  ["nothing known", "", {}, "npx d1ops"],
])("a suggested command begins as d1ops was started: %s", (_, script, variables, expected) => {
  expect(commandOf({ script, cwd, variables })).toBe(expected);
});

test("a suggested command begins with the bare name of a shim on the shell's PATH", () => {
  const folder = mkdtempSync(join(tmpdir(), "d1ops-path-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "node_modules/.bin"), { recursive: true });
  const shim = join(folder, "node_modules/.bin/d1ops");
  writeFileSync(shim, "");
  const PATH = `/usr/bin:${join(folder, "node_modules/.bin")}`;
  expect(commandOf({ script: shim, cwd, variables: { PATH } })).toBe("d1ops");
  expect(commandOf({ script: shim, cwd, variables: { PATH, ...npm } })).toBe("npx d1ops");
});
