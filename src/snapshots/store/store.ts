/** @module The port of a store: where snapshots are kept. It offers only what every kind of storage can do. */

/**
 * `packs`: the data, many chunks in one object. `snapshots`: one manifest each. `proofs`: one per successful verification. `keys`: copies of
 * the key of an encrypted store. Objects are written once and never changed, and their names are hashes.
 */
export type StoreFolder = "keys" | "packs" | "proofs" | "snapshots";

export interface StoredObject {
  readonly name: string;
  readonly bytes: number;
  /** ISO 8601, UTC: when it was written, by the clock of the store. */
  readonly writtenAt: string;
}

/**
 * Each call may throw OpsError INTERRUPTED; those of a folder INPUT_UNREADABLE and FILE_UNWRITABLE, those of an S3-compatible storage
 * STORE_REFUSED and STORE_UNREACHABLE.
 */
export interface Store {
  /** How a message names the store: an absolute path, or a URL without secrets. */
  readonly location: string;
  /** Its absolute path, if it is a folder of this computer. */
  readonly folder: string | null;
  /** In no particular order. An object that is being written is not in the list. Empty if the store does not exist yet. */
  list(folder: StoreFolder): Promise<readonly StoredObject[]>;
  /** Null if there is no such object. */
  find(folder: StoreFolder, name: string): Promise<StoredObject | null>;
  /**
   * Returns a part of an object, or all of it. Null if there is no such object. Shorter than `bytes` if the object ends before. The bytes
   * belong to the caller.
   */
  read(folder: StoreFolder, name: string, part?: Part): Promise<Uint8Array | null>;
  /**
   * Writes an object as a whole, and returns when it survives a power failure. If the object exists already, this renews its date alone:
   * equal names mean equal bytes. After it has returned, it must not keep `bytes`: the caller may free them or use them again.
   * @throws OpsError FILE_UNWRITABLE, STORE_REFUSED, STORE_UNREACHABLE
   */
  write(folder: StoreFolder, name: string, bytes: Uint8Array): Promise<void>;
  /** Does nothing if there is no such object. @throws OpsError FILE_UNWRITABLE */
  remove(folder: StoreFolder, name: string): Promise<void>;
}

/** A part of an object, in bytes. */
export interface Part {
  readonly at: number;
  readonly bytes: number;
}
