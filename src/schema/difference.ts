/**
 * One thing in which two schemas differ, and how to find those among things that have names.
 * @module
 */
import type { Texts } from "./describe.ts";
import { fold } from "./normal.ts";

/** `missing`: in `left` only; `extra`: in `right` only. */
export interface Difference {
  readonly kind: "missing" | "extra" | "changed";
  readonly object: "table" | "column" | "index" | "trigger" | "view";
  /** `users`, `users.email`, the name of an index, a trigger or a view. */
  readonly name: string;
  /** What differs, in a few words; null where this side has no such thing. */
  readonly left: string | null;
  readonly right: string | null;
}

export interface Named {
  readonly name: string;
}

export interface Rules<T extends Named> {
  readonly object: Difference["object"];
  /** Goes before each name: `users.`. */
  readonly prefix?: string;
  /** One that has no counterpart. */
  readonly describe: (one: T) => string;
  /** Two of the same name. */
  readonly compare: (left: T, right: T, name: string) => readonly Difference[];
}

/** Matches by name, in any case of its letters; told by the order of `left`, then what is extra. */
export function differences<T extends Named>(
  lefts: readonly T[],
  rights: readonly T[],
  rules: Rules<T>,
): Difference[] {
  const { object, prefix = "", describe, compare } = rules;
  const waiting = new Map(rights.map((right) => [fold(right.name), right]));
  const found = lefts.flatMap((left): readonly Difference[] => {
    const name = prefix + left.name;
    const right = waiting.get(fold(left.name));
    if (right === undefined) {
      return [{ kind: "missing", object, name, left: describe(left), right: null }];
    }
    waiting.delete(fold(left.name));
    return compare(left, right, name);
  });
  const extra = [...waiting.values()].map((right): Difference => {
    const name = prefix + right.name;
    return { kind: "extra", object, name, left: null, right: describe(right) };
  });
  return [...found, ...extra];
}

/** The one that two texts make, or none. */
export function changed(
  object: Difference["object"],
  name: string,
  texts: Texts | null,
): readonly Difference[] {
  return texts === null ? [] : [{ kind: "changed", object, name, left: texts[0], right: texts[1] }];
}
