import { assert, asyncProperty } from "fast-check";
import { expect, test } from "vitest";
import { anyDesign } from "./any-design.ts";
import { differencesOf } from "./database.ts";
import { mutate, mutationsOf } from "./mutations.ts";
import { spell } from "./spell.ts";
import { anyNumbers, Tape } from "./tape.ts";

test("one change is one difference, of its kind and name", async () => {
  const seen = new Map<string, number>();
  await assert(
    asyncProperty(
      anyNumbers(1000),
      anyNumbers(3000),
      anyNumbers(3000),
      anyNumbers(4),
      async (numbers, one, two, choice) => {
        const design = anyDesign(new Tape(numbers));
        const mutation = new Tape(choice).of(mutationsOf(design));
        seen.set(mutation.what, (seen.get(mutation.what) ?? 0) + 1);
        // ALTER TABLE is refused where a view is broken, or a column is needed before it is there.
        const isBreaking =
          mutation.expected.kind === "missing" || mutation.what === "order of columns";
        const left = spell(design, { tape: new Tape(one), alter: true });
        const right = spell(mutate(design, mutation), { tape: new Tape(two), alter: !isBreaking });
        const story = `${mutation.what}\n${left.join(";\n")};\n\n-- becomes\n\n${right.join(";\n")};`;
        const differences = await differencesOf(left, right).catch((error: Error) => [
          error.message.replace("D1_ERROR: ", ""),
        ]);
        expect(differences, story).toMatchObject([mutation.expected]);
        const [found] = differences;
        if (typeof found !== "object") return;
        expect(found.left, story).not.toBe(found.right);
      },
    ),
    {
      numRuns: Number(process.env["RUNS"] ?? 600),
      interruptAfterTimeLimit: Number(process.env["TIME"] ?? 50_000),
    },
  );
  if (process.env["TALLY"])
    console.log(
      [...seen]
        .sort((a, b) => a[1] - b[1])
        .map(([what, n]) => `${n} ${what}`)
        .join("\n"),
    );
});
