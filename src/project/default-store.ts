/** @module Where the snapshots are by default. A module of its own, because `status` loads nothing else of stores. */

/** A folder beside the config. */
export const DEFAULT_STORE = "backups";
