import { array, assert, constantFrom, property } from "fast-check";
import { expect, test } from "vitest";
import { literalGlob, selectionOf } from "../../src/files/project-globs.ts";

const PARTS = ["a", "b", "{", ",", "}", "1..3", "[", "]", "(", "|", ")", "!", "#", "+", "*", "?"];
const OTHERS = ["/", "\\", ".", " ", "\n", "-", "é", "$"];

test("a literal glob fits its path alone, whatever characters the name has", () => {
  const paths = array(constantFrom(...PARTS, ...OTHERS), { minLength: 1, maxLength: 8 })
    .map((parts) => parts.join(""))
    .filter((path) => path.split("/").every((name) => !["", ".", ".."].includes(name)));
  assert(
    property(paths, paths, (path, other) => {
      const { chooses } = selectionOf([literalGlob(path)]);
      expect(chooses(path)).toBe(true);
      expect(chooses(other)).toBe(other === path);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ["{a,b}.txt", "a.txt"],
  ["{1..3}", "2"],
  ["x{,y}", "xy"],
])("the literal glob of %s does not fit %s", (path, other) => {
  const { chooses } = selectionOf([literalGlob(path)]);
  expect([chooses(path), chooses(other)]).toEqual([true, false]);
});
