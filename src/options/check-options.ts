/** @module Every exported function checks its options here, once, before it does anything. The command line calls the same functions. */
import type { OptionProblem } from "../report/error.ts";
import { type AnyKind, object, type Shape } from "./kinds.ts";
import { optionProblems, optionsInvalid } from "./option-problem.ts";

/** Checks options, and returns those that are not undefined. @throws OpsError OPTION_INVALID when one is not valid */
export type ReadOptions<T> = (given: unknown) => T;

/** `caller` is the name of the function. */
export function optionsOf<T>(caller: string, shape: Shape<T>): ReadOptions<T> {
  const kind = object<T>(shape);
  return (given = {}) => {
    const foreign = foreignObjects(given, kind, "");
    if (foreign.length > 0) throw optionsInvalid(caller, foreign);
    const present = withoutUndefined(given, kind);
    const problems = optionProblems(present, kind);
    if (kind.fits(present) && problems.length === 0) return present;
    throw optionsInvalid(caller, problems);
  };
}

/** Copies the options that are set into a plain object: a class may have options as getters, or inherit them. */
function withoutUndefined(given: unknown, { shape }: AnyKind): unknown {
  if (typeof given !== "object" || given === null || Array.isArray(given)) return given;
  const keys = new Set([...Object.keys(given), ...inheritedOptions(given, shape)]);
  return Object.fromEntries(
    [...keys].flatMap((key) => {
      const value: unknown = Reflect.get(given, key);
      const inner = shape?.[key];
      if (value === undefined) return [];
      if (inner?.listens === true && isListener(value)) return [[key, quiet(value)]];
      return [[key, inner?.shape == null ? value : withoutUndefined(value, inner)]];
    }),
  );
}

type Listener = (...news: unknown[]) => unknown;

function isListener(value: unknown): value is Listener {
  return typeof value === "function";
}

/** Ignores a rejection: it would otherwise end the caller's process. */
function quiet(listener: Listener): Listener {
  return (...news) => {
    Promise.resolve(listener(...news)).catch(() => {});
  };
}

function inheritedOptions(given: object, shape: AnyKind["shape"]): string[] {
  return Object.keys(shape ?? {}).filter((key) => key in given && !(key in Object.prototype));
}

/** Finds a date, a map, a promise that was not awaited: an object without options would silently mean the defaults. */
function foreignObjects(given: unknown, { shape }: AnyKind, option: string): OptionProblem[] {
  if (typeof given !== "object" || given === null || Array.isArray(given) || shape === null) {
    return [];
  }
  if (isForeign(given, shape)) {
    const problem =
      given instanceof Promise ? "is a promise: await it first" : "has none of the options";
    return [{ option, problem, nearest: null }];
  }
  return Object.entries(shape).flatMap(([key, inner]) =>
    inner.shape === null ? [] : foreignObjects(Reflect.get(given, key), inner, key),
  );
}

function isForeign(given: object, shape: AnyKind["shape"]): boolean {
  const prototype: unknown = Object.getPrototypeOf(given);
  const plain = prototype === null || Object.getPrototypeOf(prototype) === null;
  return !plain && Object.keys(given).length === 0 && inheritedOptions(given, shape).length === 0;
}
