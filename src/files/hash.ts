/** @module The checksum that callers pass to the subject rooms. */
import { createHash, hash } from "node:crypto";

/** SHA-256 of a text as UTF-8, 64 lower-case hex digits. A long text may come in parts, so that it need not exist as a whole. */
export function sha256(text: string | Iterable<string>): string {
  if (typeof text === "string") return hash("sha256", text);
  const sum = createHash("sha256");
  for (const part of text) sum.update(part, "utf8");
  return sum.digest("hex");
}
