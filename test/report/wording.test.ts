import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { grouped } from "../../src/report/wording.ts";

test.each([0, 1, 999, 1000, 12_345, 1_234_567.891, 0.5, 0.012, 1e20, -1, -12_345.6])(
  'grouped groups the digits of %d as toLocaleString("en") does',
  (value) => {
    expect(grouped(value)).toBe(value.toLocaleString("en"));
  },
);

test("no command calls toLocaleString, which loads tables of ICU and takes a tenth of a short run", () => {
  const source = join(import.meta.dirname, "../../src");
  // Only errors show every digit of a number. The page and the Worker are other programs.
  const allowed = /^(options\/problems|page\/|worker\/)/;
  const files = readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !allowed.test(path))
    .filter((path) => readFileSync(join(source, path), "utf8").includes("toLocaleString("));
  expect(files).toEqual([]);
});
