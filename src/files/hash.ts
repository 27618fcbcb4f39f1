/**
 * The checksum that the rooms are handed.
 * @module
 */
import { createHash } from "node:crypto";

/** SHA-256 of the text as UTF-8, 64 lower-case hex digits. */
export function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}
