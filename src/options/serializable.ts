/**
 * What JSON cannot say in a value. Pure.
 * @module
 */

/** `JSON.stringify` of something deeper may exhaust the stack. */
const DEEPEST = 500;

/** The path of the first part that JSON cannot say: a BigInt, a function, a part that contains itself. Null where there is none. */
export function unserializablePath(
  value: unknown,
  path: readonly string[] = [],
  around: readonly object[] = [],
): readonly string[] | null {
  if (["bigint", "function", "symbol"].includes(typeof value)) return path;
  if (typeof value !== "object" || value === null) return null;
  if (around.includes(value) || around.length === DEEPEST) return path;
  try {
    const said: unknown = "toJSON" in value && callOf(value, value.toJSON);
    if (said !== false) return unserializablePath(said, path, [...around, value]);
    for (const [key, part] of Object.entries(value)) {
      const found = unserializablePath(part, [...path, key], [...around, value]);
      if (found !== null) return found;
    }
    return null;
  } catch {
    // A getter, a proxy or `toJSON` that throws would throw in JSON.stringify, too.
    return path;
  }
}

/** False where it is no function: then it is a key like any other. */
function callOf(value: object, toJSON: unknown): unknown {
  return typeof toJSON === "function" ? Reflect.apply(toJSON, value, [""]) : false;
}
