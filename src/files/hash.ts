/** @module The hashes that callers pass to the subject rooms. */
import { createHash, hash, type Hash } from "node:crypto";
import { textMark } from "./text-mark.ts";

/** Characters that are hashed at once. */
const AT_ONCE = 100_000;

/** SHA-256 of a text as UTF-8, 64 lower-case hex digits. A long text may come in parts, so that it need not exist as a whole. */
export function sha256(text: string | Iterable<string>): string {
  if (typeof text === "string") return hash("sha256", text);
  let sum: Hash | null = null;
  let read = "";
  for (const part of text) {
    read += part;
    if (read.length < AT_ONCE) continue;
    sum = (sum ?? createHash("sha256")).update(read, "utf8");
    read = "";
  }
  return sum === null ? hash("sha256", read) : sum.update(read, "utf8").digest("hex");
}

/** What a migration needs to hash its text. */
export const hashes: { readonly sha256: typeof sha256; readonly textMark: typeof textMark } = {
  sha256,
  textMark,
};
