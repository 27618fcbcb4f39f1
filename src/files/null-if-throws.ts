/** @module Lookups whose failures all mean the same: the value is not known. */

export function nullIfThrows<T>(find: () => T | null): T | null {
  try {
    return find();
  } catch {
    return null;
  }
}
