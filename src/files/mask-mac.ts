/** @module Hashes values with a secret key, for masks. */
import { createHmac, hash } from "node:crypto";
import type { Mac } from "../clones/mask-value.ts";

/** The key may have any length. The purpose has no NUL character. */
export function maskMac(key: string | Uint8Array): Mac {
  const secret = hash("sha256", key, "buffer");
  return (purpose, text) => createHmac("sha256", secret).update(`${purpose}\0${text}`).digest();
}
