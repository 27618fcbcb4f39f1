/**
 * The append-only key of an encrypted store: it can add snapshots, and read none. It has the key of the ids, and a public key of X25519 to
 * which each take seals a key of its own. Only who has the key of the store has the private key. Decision 0064 has the reasons.
 * @module
 */
import {
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hash,
  hkdfSync,
  type KeyObject,
} from "node:crypto";

export interface AppendKey {
  /** The key of HMAC-SHA256, 32 bytes. */
  readonly ids: Uint8Array;
  /** The public key of X25519, 32 bytes. */
  readonly recipient: Uint8Array;
}

const KEY_BYTES = 32;

/** How DER begins for a private and a public key of X25519. The key follows. */
const PRIVATE = Buffer.from("302e020100300506032b656e04220420", "hex");
const PUBLIC = Buffer.from("302a300506032b656e032100", "hex");

/** `secret`: 32 bytes. */
export function privateKey(secret: Uint8Array): KeyObject {
  return createPrivateKey({
    key: Buffer.concat([PRIVATE, secret]),
    format: "der",
    type: "pkcs8",
  });
}

/** Of a private key. 32 bytes. */
export function publicBytes(key: KeyObject): Uint8Array {
  return createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-KEY_BYTES);
}

function publicKey(bytes: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([PUBLIC, bytes]), format: "der", type: "spki" });
}

export interface Sealed {
  /** The public key of this take, 32 bytes. It is stored in each frame. */
  readonly ephemeral: Uint8Array;
  /** 32 bytes. Whoever has not sealed it needs the private key to compute it. */
  readonly secret: Uint8Array;
}

/** Seals a new random key. `scope` names the scheme. */
export function seal(recipient: Uint8Array, scope: string): Sealed {
  const own = generateKeyPairSync("x25519").privateKey;
  const ephemeral = publicBytes(own);
  const shared = diffieHellman({ privateKey: own, publicKey: publicKey(recipient) });
  return { ephemeral, secret: secretOf(shared, ephemeral, recipient, scope) };
}

/** Returns the secret of {@link seal}. Null if `ephemeral` is no point that d1ops writes. */
export function unseal(key: KeyObject, ephemeral: Uint8Array, scope: string): Uint8Array | null {
  try {
    const shared = diffieHellman({ privateKey: key, publicKey: publicKey(ephemeral) });
    return secretOf(shared, ephemeral, publicBytes(key), scope);
  } catch {
    return null;
  }
}

function secretOf(
  shared: Uint8Array,
  ephemeral: Uint8Array,
  recipient: Uint8Array,
  scope: string,
): Uint8Array {
  const salt = Buffer.concat([ephemeral, recipient]);
  return Buffer.from(hkdfSync("sha256", shared, salt, `${scope} appended`, KEY_BYTES));
}

/** The beginning of the text of a key. A program that looks for leaked secrets can search for it. */
const PREFIX = "d1ops-append-1-";
const CHECK_BYTES = 4;

/** `d1ops-append-1-…`, one word that a variable can have. It ends with a checksum. */
export function appendKeyText({ ids, recipient }: AppendKey): string {
  const bytes = Buffer.concat([ids, recipient]);
  return `${PREFIX}${Buffer.concat([bytes, checksum(bytes)]).toString("base64url")}`;
}

/** Null if the text is not a key, or not all of one. */
export function parseAppendKey(text: string): AppendKey | null {
  const trimmed = text.trim();
  if (!trimmed.startsWith(PREFIX)) return null;
  const bytes = Buffer.from(trimmed.slice(PREFIX.length), "base64url");
  const content = bytes.subarray(0, 2 * KEY_BYTES);
  if (bytes.length !== 2 * KEY_BYTES + CHECK_BYTES) return null;
  if (!checksum(content).equals(bytes.subarray(2 * KEY_BYTES))) return null;
  return { ids: content.subarray(0, KEY_BYTES), recipient: content.subarray(KEY_BYTES) };
}

function checksum(bytes: Uint8Array): Buffer {
  return Buffer.from(hash("sha256", bytes, "buffer")).subarray(0, CHECK_BYTES);
}
