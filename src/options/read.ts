/**
 * The door: every exported function checks its options here, once, before it does anything. The command line calls the same functions.
 * @module
 */
import { type AnyKind, type Kind, object, type Shape } from "./kinds.ts";
import { optionsInvalid, problemsOf } from "./problem.ts";
import { safeParse } from "./zod.ts";

/** Checks what was given, and returns it without options that are undefined. @throws OpsError OPTION_INVALID */
export type ReadOptions<T> = (given: unknown) => T;

/** `caller` is the function whose options these are. The checks are made at its first call. */
export function optionsOf<T>(caller: string, shape: Shape<T>): ReadOptions<T> {
  let kind: Kind<T> | null = null;
  return (given = {}) => {
    kind ??= object<T>(shape);
    const present = withoutUndefined(given, kind);
    // zod can compile a schema to code. For one check of twenty options that takes longer than it saves.
    const result = safeParse(kind.schema, present, { jitless: true });
    if (result.success) return result.data;
    throw optionsInvalid(caller, problemsOf(result.error.issues, kind, present));
  };
}

function withoutUndefined(given: unknown, { shape }: AnyKind): unknown {
  if (typeof given !== "object" || given === null || Array.isArray(given)) return given;
  return Object.fromEntries(
    Object.entries(given).flatMap(([key, value]) => {
      const inner = shape?.[key];
      if (value === undefined) return [];
      return [[key, inner?.shape == null ? value : withoutUndefined(value, inner)]];
    }),
  );
}
