import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readSettings } from "../../src/config/wrangler-settings.ts";
import { openOutputFile } from "../../src/files/output-file.ts";
import { OpsError } from "../../src/report/error.ts";
import { shellPath, shellWord, valueFlag } from "../../src/report/command.ts";
import { folder } from "../files/temporary-folder.ts";

const ODD = ["a b", "it's", 'say "x"', "$HOME", "`id`", "a;b", "*", "é", "~", "#x", "-x", "", "!!"];

/** The words that a shell passes to a program. */
function pasted(text: string): string[] {
  const script = `for word in ${text}; do printf '%s\\0' "$word"; done`;
  return execFileSync("sh", ["-c", script], { encoding: "utf8" }).split("\0").slice(0, -1);
}

test.each(ODD)("shellPath quotes %j as one word that is not a flag", (path) => {
  expect(pasted(shellPath(path))).toEqual([path.startsWith("-") ? `./${path}` : path]);
});

test.each(ODD)("valueFlag and shellWord quote the value %j as one word", (value) => {
  const words = pasted(valueFlag("--env", value).map(shellWord).join(" "));
  expect(words).toEqual(value.startsWith("-") ? [`--env=${value}`] : ["--env", value]);
});

async function hintOf(act: () => unknown): Promise<string> {
  try {
    await act();
  } catch (error) {
    if (error instanceof OpsError) return error.hint;
    throw error;
  }
  throw new Error("nothing was thrown");
}

test("hints quote folders, environments and databases, so that their commands can be pasted", async () => {
  using root = folder();
  const odd = join(root.path, "my 'own' $project");
  mkdirSync(odd);
  const quoted = shellPath(odd);
  expect(quoted).not.toBe(odd);
  const output = join(odd, "reports/a.json");
  expect(await hintOf(() => openOutputFile(output, "/"))).toBe(
    `Create its folder:\nmkdir -p ${shellPath(join(odd, "reports"))}`,
  );
  const config = {
    d1_databases: [{ binding: "-B", database_name: "two words" }],
    env: { "-x": {}, "two words": {} },
  };
  writeFileSync(join(odd, "wrangler.json"), JSON.stringify(config));
  const read = { cwd: odd, variables: {} };
  expect(await hintOf(() => readSettings({ ...read, env: "two word" }))).toBe(
    "Did you mean two words?\nd1ops … --env 'two words'",
  );
  expect(await hintOf(() => readSettings({ ...read, env: "nothing" }))).toContain(
    "\nd1ops … --env=-x\nThe environment two words:\nd1ops … --env 'two words'\n",
  );
  expect(await hintOf(() => readSettings({ ...read, db: "two word" }))).toBe(
    "Did you mean two words?\nd1ops … --db 'two words'",
  );
  expect(await hintOf(() => readSettings({ ...read, config: "wrangler.jsonc" }))).toBe(
    `To use the config in that folder:\nd1ops … --config ${shellPath(join(odd, "wrangler.json"))}`,
  );
});
