/** @module Bytes in memory. */

/**
 * Frees the memory of bytes that the caller does not need any more, unless other bytes share it. V8 does not count this memory as its own,
 * so without help it collects it late: a snapshot of 100 MB then needs 100 MB more.
 */
export function release({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && byteLength === buffer.byteLength) buffer.transfer(0);
}

/** Lower case. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function bytesOfHex(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i += 1)
    bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** The parts, one after the other. */
export function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/**
 * The same bytes with room for `length`, and for more up to `most`, because more will follow. Frees the memory of the old ones. To reserve
 * `most` at once would take longer than everything else that a small file needs.
 */
export function withRoom(
  bytes: Uint8Array<ArrayBuffer>,
  length: number,
  most: number,
): Uint8Array<ArrayBuffer> {
  if (length <= bytes.length) return bytes;
  const room = Math.max(length, Math.min(2 * bytes.length, most));
  return new Uint8Array(bytes.buffer.transfer(room));
}
