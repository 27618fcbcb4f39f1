/** @module The kinds of option values. Each describes its valid values in words; `option-problem.ts` makes a sentence of them. */
import type { Json } from "../report/report.ts";
import { grouped } from "../report/wording.ts";
import { unserializablePath } from "./serializable.ts";

/** A kind, whatever the type of its values. */
export interface AnyKind {
  /** What the value has to be: `a whole number, 1 or more`. */
  readonly words: (value: unknown) => string;
  /** Checks the value itself. Its options and items have kinds of their own. */
  readonly fits: (value: unknown) => boolean;
  readonly optional: boolean;
  /** The kinds of the value's own options, if it is an object. */
  readonly shape: Readonly<Record<string, AnyKind>> | null;
  /** True for an object that may have more keys than those of `shape`. */
  readonly open: boolean;
  /** The keys that the value may have and the kind of their values, if the keys are not those of `shape`. */
  readonly entries: {
    readonly key: RegExp;
    /** What a key has to be: `a name of small letters`. */
    readonly words: string;
    readonly kind: AnyKind;
  } | null;
  /** The kind of each item, if it is a list. */
  readonly items: AnyKind | null;
  /** The values, if only these are valid. */
  readonly values: readonly unknown[];
  /** The path of a part that makes the whole value invalid, although each part fits. Null if there is none. */
  readonly wrongPart: (value: unknown) => readonly string[] | null;
  /** The problems that a subject finds in a value of its own, each with its path in it. */
  readonly judge: (value: unknown) => readonly Judgement[];
  /** True for a function that only receives news: {@link listener}. */
  readonly listens: boolean;
  /** The same condition as `fits` in the words of JSON Schema, for a kind that a file can have. Empty for the others. */
  readonly schema: Readonly<Record<string, Json>>;
}

export interface Judgement {
  readonly path: readonly string[];
  /** Continues a sentence that begins with the path. */
  readonly problem: string;
  /** The known word that was probably meant, or null. */
  readonly nearest: string | null;
}

/** A kind of exactly the values of type `V`, so that a type and its check cannot differ. */
export interface Kind<in out V> extends AnyKind {
  readonly fits: (value: unknown) => value is V;
  readonly optional: false;
}

/** The same for an option that may be absent. `undefined` counts as absent. */
export interface OptionalKind<in out V> extends AnyKind {
  readonly fits: (value: unknown) => value is V;
  readonly optional: true;
}

/** One kind for each option of `T`. The compiler rejects an option that is missing, superfluous or of another type. */
export type Shape<T> = {
  readonly [K in keyof T]-?: object extends Pick<T, K>
    ? OptionalKind<Exclude<T[K], undefined>>
    : Kind<T[K]>;
};

export function optional<V>(of: Kind<V>): OptionalKind<V> {
  return { ...of, optional: true };
}

/** Any text, also the empty one. */
export const text: Kind<string> = kind("a text", (value) => typeof value === "string", {
  type: "string",
});

/** A text that is not empty. */
export const name: Kind<string> = kind(
  (value) => (value === "" ? "a text that is not empty" : "a text"),
  (value): value is string => typeof value === "string" && value !== "",
  { type: "string", minLength: 1 },
);

/** The operating system accepts no path with a NUL character. */
export const path: Kind<string> = kind(
  (value) => {
    if (typeof value !== "string") return "a path";
    return value === "" ? "a path that is not empty" : "a path without NUL characters";
  },
  (value): value is string => typeof value === "string" && value !== "" && !value.includes("\0"),
  { type: "string", pattern: String.raw`^[^\u0000]+$` },
);

/** A text that the whole pattern matches. */
export function matching(words: string, pattern: RegExp): Kind<string> {
  return kind(words, (value): value is string => typeof value === "string" && pattern.test(value), {
    type: "string",
    pattern: pattern.source,
  });
}

export const flag: Kind<boolean> = kind("true or false", (value) => typeof value === "boolean");

/** A whole number from `least` to `most`. */
export function wholeNumber(least: number, most: number): Kind<number> {
  return kind(
    () => `a whole number, ${range(least, most)}`,
    (value): value is number => Number.isSafeInteger(value) && within(value, least, most),
    { type: "integer", minimum: least, maximum: most },
  );
}

/** A number from `least` to `most`. With `zero`, 0 is allowed too. */
export function number(least: number, most: number, zero?: "zero"): Kind<number> {
  return kind(
    () => `a number, ${zero === undefined ? "" : "0 or "}${range(least, most)}`,
    (value): value is number => within(value, least, most) || (zero !== undefined && value === 0),
  );
}

/** A number above 0, up to `most`. */
export function positive(most: number): Kind<number> {
  return kind(
    () => `a number above 0, up to ${grouped(most)}`,
    (value): value is number => within(value, 0, most) && value !== 0,
  );
}

export function oneOf<const V extends string | number>(values: readonly V[]): Kind<V> {
  const words = (): string => {
    const quoted = values.map((value) => JSON.stringify(value));
    return [quoted.slice(0, -1).join(", "), quoted.at(-1)].filter(Boolean).join(" or ");
  };
  const fits = (value: unknown): value is V => values.some((one) => one === value);
  return { ...kind(words, fits), values };
}

export function listOf<V>(items: Kind<V>): Kind<readonly V[]> {
  const fits = (value: unknown): value is readonly V[] => Array.isArray(value);
  return { ...kind("a list", fits, { type: "array" }), items };
}

export function orNull<V>(of: Kind<V>): Kind<V | null> {
  return { ...of, fits: (value): value is V | null => value === null || of.fits(value) };
}

/** A number of columns. `Infinity` means that lines are not wrapped. */
export const columns: Kind<number> = kind(
  "a whole number, 1 or more, or Infinity",
  (value): value is number =>
    value === Infinity || (Number.isInteger(value) && within(value, 1, Infinity)),
);

/** A function. Its parameters and its result are not checked. */
export function callback<F extends (...args: never[]) => unknown>(): Kind<F> {
  return kind("a function", (value): value is F => typeof value === "function");
}

/**
 * A function that only receives news. It may be `async`, but d1ops does not wait for it, and ignores its rejection: a display
 * that fails must not end a run. An error that it throws reaches the caller.
 */
export function listener<F extends (...news: never[]) => void>(): Kind<F> {
  return { ...callback<F>(), listens: true };
}

/** An object with these methods. `what` describes it in the message. */
export function objectWith<V extends object>(what: string, methods: readonly (keyof V)[]): Kind<V> {
  return kind(
    what,
    (value): value is V =>
      typeof value === "object" &&
      value !== null &&
      methods.every((method) => typeof Reflect.get(value, method) === "function"),
  );
}

export const variables: Kind<Readonly<Record<string, string | undefined>>> = kind(
  "an object whose values are texts",
  (value): value is Readonly<Record<string, string | undefined>> =>
    isObject(value) &&
    Object.values(value).every((one) => one === undefined || typeof one === "string"),
);

/** An object with any keys that `key` matches. `words` describes such a key. */
export function mapOf<V>(
  key: RegExp,
  words: string,
  values: Kind<V>,
): Kind<Readonly<Record<string, V>>> {
  const fits = (value: unknown): value is Readonly<Record<string, V>> => isObject(value);
  return {
    ...kind("an object", fits, { type: "object" }),
    entries: { key, words, kind: values },
  };
}

/** An object with exactly these options. */
export function object<T>(shape: Shape<T>): Kind<T>;
export function object(shape: Readonly<Record<string, AnyKind>>): AnyKind;
export function object(shape: Readonly<Record<string, AnyKind>>): AnyKind {
  return { ...kind("an object", isObject, { type: "object" }), shape };
}

/** An object with at least these keys: a newer version may have written more. */
export function openObject<T>(shape: Shape<T>): Kind<T>;
export function openObject(shape: Readonly<Record<string, AnyKind>>): AnyKind {
  return { ...kind("an object", isObject), shape, open: true };
}

/** The same kind, restricted to values that JSON can represent, unknown keys included. */
export function serializable<V>(of: Kind<V>): Kind<V> {
  return { ...of, wrongPart: (value) => unserializablePath(value) };
}

/** A value of a subject, which finds its problems. There are none if and only if it is a `V`. */
export function judged<V>(
  is: (value: unknown) => value is V,
  judge: AnyKind["judge"],
  schema: AnyKind["schema"],
): Kind<V> {
  return { ...kind("", is, schema), judge };
}

/** Describes the part that {@link AnyKind.wrongPart} finds. */
export const SERIALIZABLE = "a value that JSON can represent: no BigInt, no function, no cycle";

function kind<V>(
  words: string | AnyKind["words"],
  fits: (value: unknown) => value is V,
  schema: AnyKind["schema"] = {},
): Kind<V> {
  return {
    words: typeof words === "string" ? () => words : words,
    fits,
    optional: false,
    shape: null,
    open: false,
    entries: null,
    items: null,
    values: [],
    wrongPart: () => null,
    judge: () => [],
    listens: false,
    schema,
  };
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function within(value: unknown, least: number, most: number): value is number {
  return typeof value === "number" && value >= least && value <= most;
}

function range(least: number, most: number): string {
  if (most === Number.MAX_SAFE_INTEGER) return `${grouped(least)} or more`;
  return `${grouped(least)} to ${grouped(most)}`;
}
