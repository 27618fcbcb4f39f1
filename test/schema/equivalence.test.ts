import { assert, asyncProperty, boolean, record } from "fast-check";
import { expect, test } from "vitest";
import { anyDesign } from "./any-design.ts";
import { differencesOf } from "./database.ts";
import { spell } from "./spell.ts";
import { anyNumbers, Tape } from "./tape.ts";

test("two spellings of one schema do not differ", async () => {
  const freedom = record({ numbers: anyNumbers(4000), alter: boolean() });
  await assert(
    asyncProperty(anyNumbers(1000), freedom, freedom, async (numbers, one, other) => {
      const design = anyDesign(new Tape(numbers));
      const [left = [], right = []] = [one, other].map(({ numbers: choices, alter }) =>
        spell(design, { tape: new Tape(choices), alter }),
      );
      const differences = await differencesOf(left, right).catch((error: Error) => [
        error.message.replace("D1_ERROR: ", ""),
      ]);
      expect(differences, `${left.join(";\n")};\n\n-- is\n\n${right.join(";\n")};`).toEqual([]);
    }),
    {
      numRuns: Number(process.env["RUNS"] ?? 300),
      interruptAfterTimeLimit: Number(process.env["TIME"] ?? 50_000),
    },
  );
});
