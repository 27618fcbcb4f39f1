import { createCipheriv, hash } from "node:crypto";
import type { FileSource } from "../../src/snapshots/take/take-files.ts";

/** Passes the bytes on in one piece. */
export function whole(bytes: Uint8Array): FileSource["read"] {
  return async (take) => {
    await take(bytes);
    return true;
  };
}

/** All that the source passes on. */
export async function contentOf({ read }: Pick<FileSource, "read">): Promise<Buffer> {
  const pieces: Buffer[] = [];
  await read(async (piece) => void pieces.push(Buffer.from(piece)));
  return Buffer.concat(pieces);
}

/** Bytes that look random, from a seed. */
export function content(seed: number, bytes: number): Buffer {
  const key = hash("sha256", String(seed), "buffer");
  return createCipheriv("aes-256-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(bytes));
}
