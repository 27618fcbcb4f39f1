import fc from "fast-check";
import { expect, test } from "vitest";
import { anyDesign } from "./any-design.ts";
import { differencesOf } from "./database.ts";
import { spell } from "./spell.ts";
import { anyNumbers, Tape } from "./tape.ts";

test("two spellings of one schema do not differ", async () => {
  const freedom = fc.record({ numbers: anyNumbers(4000), alter: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(anyNumbers(1000), freedom, freedom, async (numbers, one, other) => {
      const design = anyDesign(new Tape(numbers));
      const [left = [], right = []] = [one, other].map(({ numbers: choices, alter }) =>
        spell(design, { tape: new Tape(choices), alter }),
      );
      const differences = await differencesOf(left, right).catch((error: Error) => [
        error.message.replace("D1_ERROR: ", ""),
      ]);
      expect(differences, `${left.join(";\n")};\n\n-- is\n\n${right.join(";\n")};`).toEqual([]);
    }),
    { numRuns: Number(process.env["RUNS"] ?? 300), seed: process.env["SEED"] ? Number(process.env["SEED"]) : undefined, interruptAfterTimeLimit: 50_000 },
  );
});
