/** @module A difference between two schemas, and the comparison of named objects. */
import type { Texts } from "./describe.ts";
import { fold } from "./normal.ts";

/** `missing`: in `left` only; `extra`: in `right` only. */
export interface Difference {
  readonly kind: "missing" | "extra" | "changed";
  readonly object: "table" | "column" | "index" | "trigger" | "view";
  /** `users`, `users.email`, or the name of an index, a trigger or a view. */
  readonly name: string;
  /** What differs, in a few words; null if this side has no such object. */
  readonly left: string | null;
  readonly right: string | null;
}

export interface Named {
  readonly name: string;
}

export interface Rules<T extends Named> {
  readonly object: Difference["object"];
  /** Precedes each name: `users.`. */
  readonly prefix?: string;
  /** Describes an object without a counterpart. */
  readonly describe: (one: T) => string;
  /** Compares two objects with the same name. */
  readonly compare: (left: T, right: T, name: string) => readonly Difference[];
}

/** Matches objects by name, ignoring case. Returns differences in the order of `left`, then the extra objects. */
export function differences<T extends Named>(
  lefts: readonly T[],
  rights: readonly T[],
  rules: Rules<T>,
): Difference[] {
  const { object, prefix = "", describe, compare } = rules;
  const unmatched = new Map(rights.map((right) => [fold(right.name), right]));
  const found = lefts.flatMap((left): readonly Difference[] => {
    const name = prefix + left.name;
    const right = unmatched.get(fold(left.name));
    if (right === undefined) {
      return [{ kind: "missing", object, name, left: describe(left), right: null }];
    }
    unmatched.delete(fold(left.name));
    return compare(left, right, name);
  });
  const extra = [...unmatched.values()].map((right): Difference => {
    const name = prefix + right.name;
    return { kind: "extra", object, name, left: null, right: describe(right) };
  });
  return [...found, ...extra];
}

export function changed(
  object: Difference["object"],
  name: string,
  texts: Texts | null,
): readonly Difference[] {
  return texts === null ? [] : [{ kind: "changed", object, name, left: texts[0], right: texts[1] }];
}
