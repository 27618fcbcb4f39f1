/**
 * The two times that keep a take and a prune apart without a lock. A take that began within {@link GRACE_MS} may use every object that a
 * prune must not delete. The difference is the reserve for clocks that disagree. Decision 0056 has the argument.
 * @module
 */

/** A take writes no manifest later than this after its beginning. */
export const LONGEST_TAKE_MS: number = 12 * 60 * 60 * 1000;

/** A prune deletes only what no take can have begun to use within this time. */
export const GRACE_MS: number = 24 * 60 * 60 * 1000;
