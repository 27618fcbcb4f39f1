/** @module Hashes, compresses and encrypts for the snapshots of an encrypted store. The layout of packs and manifests stays the same. */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  type KeyObject,
} from "node:crypto";
import type { Codec } from "../snapshots/store/codec.ts";
import type { KEY_FORMAT } from "../snapshots/store/store-key.ts";
import { type AppendKey, privateKey, publicBytes, seal, unseal } from "./append-key.ts";
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

/** What a frame that was written with the append-only key has in front, in the place of a nonce. */
const APPENDED = Buffer.from("d1ops:sealed");
const EPHEMERAL_BYTES = 32;

/**
 * The digest is HMAC-SHA256, so an id does not reveal whether the store has a known content. A frame is nonce, ciphertext and tag. The nonce
 * is a hash of the compressed content with a key of its own: equal contents give equal frames, and different ones do not share a nonce.
 * Also reads the frames of {@link appendingCodec}.
 * `key`: 32 random bytes, see `snapshots/store/store-key.ts`.
 */
export function encryptedCodec(key: Uint8Array): Codec {
  const ids = derived(key, "ids");
  const ownCipher = frameCipher(key);
  const opened = new Map<string, FrameCipher | null>();
  const identity = identityOf(key);
  const cipherOf = (ephemeral: Uint8Array): FrameCipher | null => {
    const name = Buffer.from(ephemeral).toString("hex");
    const known = opened.get(name);
    if (known !== undefined) return known;
    const secret = unseal(identity, ephemeral, SCOPE);
    const cipher = secret && frameCipher(secret);
    opened.set(name, cipher);
    return cipher;
  };
  return {
    ...keyedDigest(ids),
    compress: async (bytes, dictionary) =>
      ownCipher.encrypt(await snapshotCodec.compress(bytes, dictionary)),
    async decompress(frame, dictionary, bytes) {
      const [cipher, own] = isAppended(frame)
        ? [cipherOf(frame.subarray(APPENDED.length, HEAD_BYTES)), frame.subarray(HEAD_BYTES)]
        : [ownCipher, frame];
      const compressed = cipher && cipher.decrypt(own);
      return compressed && snapshotCodec.decompress(compressed, dictionary, bytes);
    },
    appends: false,
    isAppended,
  };
}

/** Of a frame: the mark, and the public key of its take. */
const HEAD_BYTES = APPENDED.length + EPHEMERAL_BYTES;

function isAppended(frame: Uint8Array): boolean {
  return APPENDED.equals(frame.subarray(0, APPENDED.length));
}

/** The append-only key of a store. It is the same each time. */
export function appendKeyOf(key: Uint8Array): AppendKey {
  return { ids: derived(key, "ids"), recipient: publicBytes(identityOf(key)) };
}

function identityOf(key: Uint8Array): KeyObject {
  return privateKey(derived(key, "append"));
}

/** Writes frames that only {@link encryptedCodec} can read: not even this codec. A codec is for one take. */
export function appendingCodec({ ids, recipient }: AppendKey): Codec {
  const { ephemeral, secret } = seal(recipient, SCOPE);
  const cipher = frameCipher(secret);
  const head = Buffer.concat([APPENDED, ephemeral]);
  return {
    ...keyedDigest(ids),
    compress: async (bytes, dictionary) =>
      Buffer.concat([head, cipher.encrypt(await snapshotCodec.compress(bytes, dictionary))]),
    decompress: async () => null,
    appends: true,
    isAppended,
  };
}

function keyedDigest(ids: Uint8Array): Pick<Codec, "digest" | "digester"> {
  return {
    digest: (bytes) => createHmac("sha256", ids).update(bytes).digest("hex"),
    digester: () => digesterOf(createHmac("sha256", ids)),
  };
}

interface FrameCipher {
  encrypt(compressed: Uint8Array): Uint8Array;
  /** Null if the bytes or the key are others. */
  decrypt(frame: Uint8Array): Uint8Array | null;
}

function frameCipher(key: Uint8Array): FrameCipher {
  const nonces = derived(key, "nonces");
  const content = derived(key, "content");
  return {
    encrypt(compressed) {
      const hashed = createHmac("sha256", nonces).update(compressed).digest();
      return encrypted(content, hashed.subarray(0, NONCE_BYTES), compressed);
    },
    decrypt: (frame) => decrypted(content, frame),
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
