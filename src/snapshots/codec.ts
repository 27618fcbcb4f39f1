/** @module The port of hashing and compressing, which a subject room does not do itself. */

export interface Codec {
  /** SHA-256, 64 lower-case hex digits. */
  digest(bytes: Uint8Array): string;
  /** Compresses with zstd, in another thread. Whoever decompresses needs the same dictionary. */
  compress(bytes: Uint8Array, dictionary: Uint8Array | null): Promise<Uint8Array>;
  /**
   * Null if the bytes are not a frame of this dictionary, or if the frame has more than `bytes` bytes. So damaged data cannot exhaust the
   * memory.
   */
  decompress(
    frame: Uint8Array,
    dictionary: Uint8Array | null,
    bytes: number,
  ): Promise<Uint8Array | null>;
}
