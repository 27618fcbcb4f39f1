/** @module Stores that keep nothing of what is written to them: for comparisons, and for dry runs. */
import type { Store } from "./store.ts";

/** What is written there cannot be read. */
export const NOWHERE: Store = {
  location: "nowhere",
  folder: null,
  list: async () => [],
  find: async () => null,
  read: async () => null,
  write: async () => {},
  remove: async () => {},
};

/** The store without its writes, for a dry run: it shows what would be written. */
export function readOnly(store: Store): Store {
  return { ...store, write: async () => {}, remove: async () => {} };
}
