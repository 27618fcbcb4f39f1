/** @module How the writing of a remote database ended. */

export interface RemoteEnd {
  readonly travelled: boolean;
  /** Batches that were sent, after Time Travel if it travelled. */
  readonly batches: number;
  /** What differs from the wanted database after all: the ends of sentences. */
  readonly differences: readonly string[];
}

/** True if the database was read again, and is not as it should be. */
export function isDifferent(remote: RemoteEnd | null): boolean {
  return (remote?.differences.length ?? 0) > 0;
}
