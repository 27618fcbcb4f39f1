import fc from "fast-check";
import { expect, test } from "vitest";
import { anyDesign } from "./any-design.ts";
import { differencesOf } from "./database.ts";
import { spell } from "./spell.ts";

test("two spellings of one schema do not differ", async () => {
  const freedom = fc.record({ seed: fc.integer(), alter: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(anyDesign, freedom, freedom, async (design, one, other) => {
      const [left, right] = [spell(design, one), spell(design, other)];
      const differences = await differencesOf(left, right).catch((error) => [error]);
      expect(differences, `${left.join(";\n")};\n\n-- is\n\n${right.join(";\n")};`).toEqual([]);
    }),
    { numRuns: Number(process.env["RUNS"] ?? 300) },
  );
});
