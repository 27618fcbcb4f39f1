/** @module Reads a file that other programs may be writing, in pieces. */
import { open } from "node:fs/promises";
import type { FileSource } from "../snapshots/take/take-files.ts";
import { unreadable } from "./reason.ts";
import { READ_REGULAR, UnsupportedFile } from "./regular.ts";

const PIECE_BYTES = 1 << 20;

/** Memory does not grow with the file. A program that changes the file twice in the same tick of the system's clock (4 ms) is not noticed. */
export function pieceReader(location: string): FileSource["read"] {
  return async (take) => {
    try {
      await using file = await open(location, READ_REGULAR);
      const before = await file.stat({ bigint: true });
      if (!before.isFile()) throw new UnsupportedFile("it is not a regular file");
      const buffer = Buffer.alloc(Math.min(PIECE_BYTES, Number(before.size) + 1));
      let read = 0n;
      for (;;) {
        const { bytesRead } = await file.read(buffer, 0, buffer.length);
        if (bytesRead === 0) break;
        read += BigInt(bytesRead);
        await take(buffer.subarray(0, bytesRead));
      }
      const after = await file.stat({ bigint: true });
      return before.mtimeNs === after.mtimeNs && before.size === after.size && read === before.size;
    } catch (error) {
      // `take` has errors of its own.
      const isOfFile =
        error instanceof UnsupportedFile || (error instanceof Error && "syscall" in error);
      throw isOfFile ? unreadable(location, error) : error;
    }
  };
}
