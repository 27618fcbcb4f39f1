/** @module The port of hashing, compressing and encrypting, which a subject room does not do itself. */

export interface Digester {
  update(piece: Uint8Array): void;
  /** To be called once, at the end. */
  digest(): string;
}

export interface Codec {
  /** SHA-256, or HMAC-SHA256 in an encrypted store. 64 lower-case hex digits. */
  digest(bytes: Uint8Array): string;
  /** The same for content that comes in pieces. */
  digester(): Digester;
  /**
   * Compresses with zstd, in another thread, and encrypts in an encrypted store. Whoever decompresses needs the same dictionary. The result
   * belongs to the caller, as that of `decompress`.
   */
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
  /** It has the append-only key: it reads nothing, not even what it wrote. */
  readonly appends: boolean;
  /**
   * True for a frame that was written with the append-only key of an encrypted store. Its holder can add snapshots of any content, so nothing
   * that decides about other snapshots may rely on it.
   */
  isAppended(frame: Uint8Array): boolean;
}
