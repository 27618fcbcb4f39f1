/** @module Hashes, compresses and encrypts for the snapshots of an encrypted store. The layout of packs and manifests stays the same. */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from "node:crypto";
import type { Codec } from "../snapshots/codec.ts";
import type { KEY_FORMAT } from "../snapshots/store-key.ts";
import { digesterOf, snapshotCodec } from "./snapshot-codec.ts";

const ALGORITHM = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Names the scheme in each key and in each frame, so that a frame of a later scheme does not decrypt by accident. It is the format of the
 * key file, because the format of a manifest is known only after it is decrypted.
 */
const SCOPE: `d1ops snapshot encryption ${typeof KEY_FORMAT}` = "d1ops snapshot encryption 1";
const ASSOCIATED = Buffer.from(SCOPE);

/**
 * The digest is HMAC-SHA256, so an id does not reveal whether the store has a known content. A frame is nonce, ciphertext and tag. The nonce
 * is a hash of the compressed content with a key of its own: equal contents give equal frames, and different ones do not share a nonce.
 * `key`: 32 random bytes, see `snapshots/store-key.ts`.
 */
export function encryptedCodec(key: Uint8Array): Codec {
  const ids = derived(key, "ids");
  const nonces = derived(key, "nonces");
  const content = derived(key, "content");
  return {
    digest: (bytes) => createHmac("sha256", ids).update(bytes).digest("hex"),
    digester: () => digesterOf(createHmac("sha256", ids)),
    async compress(bytes, dictionary) {
      const compressed = await snapshotCodec.compress(bytes, dictionary);
      const hashed = createHmac("sha256", nonces).update(compressed).digest();
      return encrypted(content, hashed.subarray(0, NONCE_BYTES), compressed);
    },
    async decompress(frame, dictionary, bytes) {
      const compressed = decrypted(content, frame);
      return compressed && snapshotCodec.decompress(compressed, dictionary, bytes);
    },
  };
}

function derived(key: Uint8Array, use: string): Buffer {
  return Buffer.from(hkdfSync("sha256", key, "", `${SCOPE} ${use}`, 32));
}

function encrypted(key: Uint8Array, nonce: Uint8Array, bytes: Uint8Array): Uint8Array {
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(ASSOCIATED);
  return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
}

/** Null if the tag does not fit: the bytes or the key are others. */
function decrypted(key: Uint8Array, frame: Uint8Array): Uint8Array | null {
  if (frame.length < NONCE_BYTES + TAG_BYTES) return null;
  const nonce = frame.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(ASSOCIATED);
  decipher.setAuthTag(frame.subarray(-TAG_BYTES));
  try {
    const bytes = decipher.update(frame.subarray(NONCE_BYTES, -TAG_BYTES));
    decipher.final();
    return bytes;
  } catch {
    return null;
  }
}
