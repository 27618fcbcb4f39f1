/**
 * Looks something up where every failure means the same: it is not known.
 * @module
 */

/** What `find` returns, and null where it throws. */
export function nullIfThrows<T>(find: () => T | null): T | null {
  try {
    return find();
  } catch {
    return null;
  }
}
