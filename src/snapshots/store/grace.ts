/**
 * The times that keep takes and prunes apart without a lock. A take that began within {@link GRACE_MS} may use every object that a prune must
 * not delete. The difference is the reserve for clocks that disagree. Decisions 0056 and 0063 have the argument.
 * @module
 */

/** A take writes no manifest, and a prune deletes none, later than this after its beginning. */
export const LONGEST_ACT_MS: number = 12 * 60 * 60 * 1000;

/**
 * A copy relies on a pack that is not its own only if it was written at most this long before the copy began. So it is younger than
 * {@link GRACE_MS} for every prune that does not see the copy's manifest.
 */
export const FRESH_MS: number = 6 * 60 * 60 * 1000;

/** A prune deletes only what no take can have begun to use within this time. */
export const GRACE_MS: number = 24 * 60 * 60 * 1000;
