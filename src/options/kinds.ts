/** @module The kinds of option values. The message of each check describes a valid value; `option-problem.ts` makes a sentence of it. */
import * as zod from "./zod.ts";
import { grouped } from "../report/wording.ts";
import { unserializablePath } from "./serializable.ts";

/** A kind, whatever the type of its values. */
export interface AnyKind {
  /** Built at the first call, because a command uses few of the kinds. */
  readonly schema: () => zod.ZodMiniType;
  readonly optional: boolean;
  /** The kinds of the value's own options, if it is an object. */
  readonly shape: Readonly<Record<string, AnyKind>> | null;
}

/** A kind of exactly the values of type `V`, so that a type and its check cannot differ. */
export interface Kind<in out V> extends AnyKind {
  readonly schema: () => zod.ZodMiniType<V>;
  readonly optional: false;
}

/** The same for an option that may be absent. `undefined` counts as absent. */
export interface OptionalKind<in out V> extends AnyKind {
  readonly schema: () => zod.ZodMiniType<V | undefined>;
  readonly optional: true;
}

/** One kind for each option of `T`. The compiler rejects an option that is missing, superfluous or of another type. */
export type Shape<T> = {
  readonly [K in keyof T]-?: object extends Pick<T, K>
    ? OptionalKind<Exclude<T[K], undefined>>
    : Kind<T[K]>;
};

export function optional<V>({ schema, shape }: Kind<V>): OptionalKind<V> {
  return { schema: once(() => zod.optional(schema())), optional: true, shape };
}

/** Any text, also the empty one. */
export const text: Kind<string> = kind(() => zod.string("a text"));

/** A text that is not empty. */
export const name: Kind<string> = kind(() =>
  zod.string("a text").check(zod.minLength(1, "a text that is not empty")),
);

/** The operating system accepts no path with a NUL character. */
export const path: Kind<string> = kind(() =>
  zod.string("a path").check(
    zod.minLength(1, "a path that is not empty"),
    zod.refine((value) => !value.includes("\0"), "a path without NUL characters"),
  ),
);

export const flag: Kind<boolean> = kind(() => zod.boolean("true or false"));

/** A whole number from `least` to `most`. */
export function wholeNumber(least: number, most: number): Kind<number> {
  return kind(() => {
    const words = `a whole number, ${range(least, most)}`;
    return zod.int(words).check(zod.gte(least, words), zod.lte(most, words));
  });
}

/** A number from `least` to `most`. With `zero`, 0 is allowed too. */
export function number(least: number, most: number, zero?: "zero"): Kind<number> {
  const fits = (value: number): boolean =>
    (zero !== undefined && value === 0) || (value >= least && value <= most);
  return kind(() => {
    const words = `a number, ${zero === undefined ? "" : "0 or "}${range(least, most)}`;
    return zod.number(words).check(zod.refine(fits, words));
  });
}

/** A number above 0, up to `most`. */
export function positive(most: number): Kind<number> {
  return kind(() => {
    const words = `a number above 0, up to ${grouped(most)}`;
    return zod.number(words).check(zod.refine((value) => value > 0 && value <= most, words));
  });
}

export function oneOf<const V extends string | number>(values: readonly V[]): Kind<V> {
  return kind(() => {
    const quoted = values.map((value) => JSON.stringify(value));
    const words = [quoted.slice(0, -1).join(", "), quoted.at(-1)].filter(Boolean).join(" or ");
    return zod.literal([...values], words);
  });
}

export function listOf<V>({ schema }: Kind<V>): Kind<readonly V[]> {
  return kind<readonly V[]>(() => zod.array(schema(), "a list"));
}

export function orNull<V>({ schema, shape }: Kind<V>): Kind<V | null> {
  return { schema: once(() => zod.nullable(schema())), optional: false, shape };
}

/** A number of columns. `Infinity` means that lines are not wrapped. */
export const columns: Kind<number> = kind(() =>
  zod.custom<number>(
    (value) => value === Infinity || (Number.isInteger(value) && value >= 1),
    "a whole number, 1 or more, or Infinity",
  ),
);

/** A function. Its parameters and its result are not checked. */
export function callback<F extends (...args: never[]) => unknown>(): Kind<F> {
  return kind(() => zod.custom<F>((value) => typeof value === "function", "a function"));
}

/** An object with these methods. `what` describes it in the message. */
export function objectWith<V extends object>(what: string, methods: readonly (keyof V)[]): Kind<V> {
  const fits = (value: unknown): boolean => {
    if (typeof value !== "object" || value === null) return false;
    return methods.every((method) => typeof Reflect.get(value, method) === "function");
  };
  return kind(() => zod.custom<V>(fits, what));
}

/** Returns the value itself, not a copy: on Windows, `process.env` ignores the case of names, and a copy would not. */
export const variables: Kind<Readonly<Record<string, string | undefined>>> = kind(() =>
  zod.custom<Readonly<Record<string, string | undefined>>>(
    (value) =>
      typeof value === "object" &&
      value !== null &&
      !Array.isArray(value) &&
      Object.values(value).every((one) => one === undefined || typeof one === "string"),
    "an object whose values are texts",
  ),
);

/** An object with exactly these options. */
export function object<T>(shape: Shape<T>): Kind<T>;
export function object(shape: Readonly<Record<string, AnyKind>>): AnyKind {
  const schema = once(() => zod.strictObject(schemasOf(shape), "an object"));
  return { schema, optional: false, shape };
}

/** An object with at least these keys: a newer version may have written more. */
export function openObject<T>(shape: Shape<T>): Kind<T>;
export function openObject(shape: Readonly<Record<string, AnyKind>>): AnyKind {
  const schema = once(() => zod.looseObject(schemasOf(shape), "an object"));
  return { schema, optional: false, shape };
}

/** The same kind, restricted to values that JSON can represent, unknown keys included. */
export function serializable<V>({ schema, shape }: Kind<V>): Kind<V> {
  const all = zod.check<V>(({ value, issues }) => {
    const at = unserializablePath(value);
    const message = "a value that JSON can represent: no BigInt, no function, no cycle";
    if (at !== null) issues.push({ code: "custom", path: [...at], message, input: value });
  });
  return { schema: once(() => schema().check(all)), optional: false, shape };
}

function schemasOf(shape: Readonly<Record<string, AnyKind>>): Record<string, zod.ZodMiniType> {
  return Object.fromEntries(Object.entries(shape).map(([key, { schema }]) => [key, schema()]));
}

function kind<V>(make: () => zod.ZodMiniType<V>): Kind<V> {
  return { schema: once(make), optional: false, shape: null };
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

function range(least: number, most: number): string {
  if (most === Number.MAX_SAFE_INTEGER) return `${grouped(least)} or more`;
  return `${grouped(least)} to ${grouped(most)}`;
}
