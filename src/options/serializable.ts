/** @module Finds values that JSON cannot represent. */

/** Levels of nesting. `JSON.stringify` of a deeper value may exhaust the stack. */
const DEEPEST = 500;

/** The path of the first part that JSON cannot represent: a BigInt, a function, a symbol, a cycle. Null if JSON can represent all of it. */
export function unserializablePath(
  value: unknown,
  path: readonly string[] = [],
  parents: readonly object[] = [],
): readonly string[] | null {
  if (["bigint", "function", "symbol"].includes(typeof value)) return path;
  if (typeof value !== "object" || value === null) return null;
  if (parents.includes(value) || parents.length === DEEPEST) return path;
  try {
    const replaced: unknown = "toJSON" in value && callToJson(value, value.toJSON);
    if (replaced !== false) return unserializablePath(replaced, path, [...parents, value]);
    for (const [key, part] of Object.entries(value)) {
      const found = unserializablePath(part, [...path, key], [...parents, value]);
      if (found !== null) return found;
    }
    return null;
  } catch {
    // A getter, a proxy or `toJSON` threw. It would throw in `JSON.stringify` too.
    return path;
  }
}

/** False if `toJSON` is not a function: then it is an ordinary key. */
function callToJson(value: object, toJSON: unknown): unknown {
  return typeof toJSON === "function" ? Reflect.apply(toJSON, value, [""]) : false;
}
