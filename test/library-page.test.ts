import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as library from "../src/index.ts";
import { ROOT } from "./project.ts";

const page = readFileSync(join(ROOT, "docs/library.md"), "utf8");

/** `defineBackfill` is called in the file of a backfill, and throws nothing. */
const functions = Object.entries(library).filter(
  ([name, value]) => typeof value === "function" && /^(?!defineBackfill$)[a-z]/.test(name),
);

/** The options of a function, of which its error for an unknown option has all. Empty if the options are not its first argument. */
async function optionsOf(call: unknown): Promise<string[]> {
  if (typeof call !== "function") return [];
  try {
    await Reflect.apply(call, null, [{ unknown: true }]);
    return [];
  } catch (error) {
    if (!(error instanceof library.OpsError) || error.code !== "OPTION_INVALID") throw error;
    return (/the options are (.*)\.$/m.exec(error.message)?.[1] ?? "").split(", ").filter(Boolean);
  }
}

test("the library has functions that this test can ask for their options", async () => {
  const counts = await Promise.all(
    functions.map(async ([, call]) => (await optionsOf(call)).length),
  );
  expect(functions.length).toBeGreaterThan(30);
  expect(counts.filter((count) => count > 5).length).toBeGreaterThan(25);
});

test.each(functions)("docs/library.md has %s and each of its options", async (name, call) => {
  const options = await optionsOf(call);
  const missing = [name, ...options].filter(
    (word) => !new RegExp(`\`[^\`\n]*\\b${word}\\b`).test(page),
  );
  expect(missing).toEqual([]);
});
