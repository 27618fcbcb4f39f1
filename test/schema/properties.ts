/** @module Properties that hold for any schema. */
import { assert, asyncProperty, boolean, type Parameters, record } from "fast-check";
import { expect } from "vitest";
import type { Difference } from "../../src/schema/compare.ts";
import { anyDesign } from "./any-design.ts";
import { differencesOf } from "./database.ts";
import { mutate, mutationsOf } from "./mutations.ts";
import { spell } from "./spell.ts";
import { anyNumbers, Tape } from "./tape.ts";

const freedom = record({ numbers: anyNumbers(4000), alter: boolean() });

/** A schema does not depend on how it is written. */
export async function twoSpellings(parameters: Parameters<unknown>): Promise<void> {
  const property = asyncProperty(
    anyNumbers(1000),
    freedom,
    freedom,
    async (numbers, one, other) => {
      const design = anyDesign(new Tape(numbers));
      const left = spell(design, { tape: new Tape(one.numbers), alter: one.alter });
      const right = spell(design, { tape: new Tape(other.numbers), alter: other.alter });
      const story = `${text(left)}\n\n-- is\n\n${text(right)}`;
      expect(await differencesOrError(left, right), story).toEqual([]);
    },
  );
  await assert(property, parameters);
}

/** One change is one difference, with its kind and name. Returns how often each change was tried. */
export async function oneChange(parameters: Parameters<unknown>): Promise<Map<string, number>> {
  const tried = new Map<string, number>();
  const property = asyncProperty(
    anyNumbers(1000),
    anyNumbers(3000),
    anyNumbers(3000),
    anyNumbers(2, 2),
    async (numbers, one, other, choice) => {
      const design = anyDesign(new Tape(numbers));
      const all = Map.groupBy(mutationsOf(design), (mutation) => mutation.what);
      const chosen = new Tape(choice);
      const what = chosen.of([...all.keys()]);
      const mutation = chosen.of(all.get(what) ?? []);
      const { expected } = mutation;
      tried.set(what, (tried.get(what) ?? 0) + 1);
      // SQLite rejects ALTER TABLE if a view is broken, or if a column is used before it exists.
      const alter = expected.kind !== "missing" && what !== "order of columns";
      const left = spell(design, { tape: new Tape(one), alter: true });
      const right = spell(mutate(design, mutation), { tape: new Tape(other), alter });
      const story = `${what}\n${text(left)}\n\n-- becomes\n\n${text(right)}`;
      const [found, ...more] = await differencesOrError(left, right);
      expect([found, ...more], story).toMatchObject([expected]);
      if (typeof found === "object") expect(found.left, story).not.toBe(found.right);
    },
  );
  await assert(property, parameters);
  return tried;
}

async function differencesOrError(
  left: readonly string[],
  right: readonly string[],
): Promise<(Difference | string)[]> {
  try {
    return await differencesOf(left, right);
  } catch (error) {
    return [String(error)];
  }
}

function text(statements: readonly string[]): string {
  return statements.map((statement) => `${statement};`).join("\n");
}
