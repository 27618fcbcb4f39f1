/**
 * Lookups whose failures all mean the same: the value is not known.
 * @module
 */

/** The result of `find`, or null if it throws. */
export function nullIfThrows<T>(find: () => T | null): T | null {
  try {
    return find();
  } catch {
    return null;
  }
}
