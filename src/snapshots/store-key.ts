/**
 * The key of an encrypted store: 32 random bytes. The folder `keys` has copies of it, each encrypted as a file of `age` for one way to
 * unlock the store. A store is encrypted from its first object on, or never.
 * @module
 */
import { OpsError } from "./errors.ts";
import { damage } from "./read-chunk.ts";
import type { Store } from "./store.ts";

/** The newest format of key files that this version writes and reads. It also names how the store is encrypted. */
export const KEY_FORMAT = 1;

/** A copy of the key is for one passphrase, or for recipients of which each can unlock it. */
export type WayToUnlock =
  | { readonly kind: "passphrase"; readonly passphrase: string }
  | { readonly kind: "recipients"; readonly recipients: readonly string[] };

/** What the user gave to unlock a store. */
export interface Secrets {
  /** `AGE-SECRET-KEY-1…` */
  readonly identities: readonly string[];
  readonly passphrase: string | null;
}

/** The port of `age`. */
export interface KeyWrapping {
  /** SHA-256, 64 lower-case hex digits. */
  digest(bytes: Uint8Array): string;
  /** 32 bytes. */
  randomKey(): Uint8Array;
  wrap(bytes: Uint8Array, way: WayToUnlock): Promise<Uint8Array>;
  /** Null if none of the secrets fits. */
  unwrap(file: Uint8Array, secrets: Secrets): Promise<Uint8Array | null>;
}

/** The copies of the key that a store has. */
export interface WrappedKeys {
  readonly store: Store;
  readonly files: readonly Uint8Array[];
  /** True if a passphrase may unlock it. */
  readonly hasPassphrase: boolean;
  readonly hasRecipients: boolean;
  /** Copies with other bytes than d1ops wrote. */
  readonly damages: readonly OpsError<"SNAPSHOT_DAMAGED">[];
}

/** The beginning of a file that `age` encrypted with a passphrase. Such a file has no other way to unlock it. */
const BY_PASSPHRASE = "age-encryption.org/v1\n-> scrypt ";

/** Null: the store is not encrypted, or does not exist yet. @throws OpsError of the store */
export async function readWrappedKeys(
  store: Store,
  wrapping: KeyWrapping,
): Promise<WrappedKeys | null> {
  const names = (await store.list("keys")).map(({ name }) => name).toSorted();
  if (names.length === 0) return null;
  const files: Uint8Array[] = [];
  const damages: OpsError<"SNAPSHOT_DAMAGED">[] = [];
  for (const name of names) {
    const file = await store.read("keys", name);
    if (file !== null && wrapping.digest(file) === name) files.push(file);
    else damages.push(damage(store, `keys/${name}`, "has other bytes than d1ops wrote"));
  }
  const byPassphrase = files.filter(isByPassphrase).length;
  const hasPassphrase = byPassphrase > 0;
  return { store, files, hasPassphrase, hasRecipients: byPassphrase < files.length, damages };
}

function isByPassphrase(file: Uint8Array): boolean {
  return new TextDecoder().decode(file.subarray(0, BY_PASSPHRASE.length)) === BY_PASSPHRASE;
}

/** Null if no secret fits. @throws OpsError SNAPSHOT_DAMAGED if the copy that may have fitted is damaged; SNAPSHOT_FORMAT */
export async function unlockKey(
  { store, files, damages }: WrappedKeys,
  wrapping: KeyWrapping,
  secrets: Secrets,
): Promise<Uint8Array | null> {
  for (const file of files) {
    const content = await wrapping.unwrap(file, secrets);
    if (content !== null) return keyIn(content, store, `keys/${wrapping.digest(file)}`);
  }
  const [first] = damages;
  if (first !== undefined) throw first;
  return null;
}

/**
 * Creates the key of an empty store, with one copy per way. Null if the store has a key already, or if another process created one at the
 * same time: then nothing was changed.
 * @throws OpsError FILE_UNWRITABLE
 */
export async function createKey(
  store: Store,
  wrapping: KeyWrapping,
  ways: readonly WayToUnlock[],
): Promise<Uint8Array | null> {
  if ((await store.list("keys")).length > 0) return null;
  const key = wrapping.randomKey();
  const content = new TextEncoder().encode(
    `${JSON.stringify({ format: KEY_FORMAT, key: hexOf(key) })}\n`,
  );
  const own: string[] = [];
  for (const way of ways) {
    const file = await wrapping.wrap(content, way);
    own.push(wrapping.digest(file));
    await store.write("keys", own.at(-1) ?? "", file);
  }
  // Both processes write before they read, so at least one of them sees the key of the other.
  const others = (await store.list("keys")).filter(({ name }) => !own.includes(name));
  if (others.length === 0) return key;
  for (const name of own) await store.remove("keys", name);
  return null;
}

function keyIn(content: Uint8Array, store: Store, object: string): Uint8Array {
  const read: { readonly format?: unknown; readonly key?: unknown } = JSON.parse(
    new TextDecoder().decode(content),
  );
  const { format, key } = read;
  if (format === KEY_FORMAT && typeof key === "string" && HEX_KEY.test(key)) return bytesOf(key);
  throw new OpsError(
    "SNAPSHOT_FORMAT",
    { store: store.place, object, format: typeof format === "number" ? format : null },
    {
      message: `${object} of ${store.place} was written by a newer version of d1ops.`,
      hint: "Install a newer version of d1ops: npm install --save-dev d1ops@latest",
    },
  );
}

const HEX_KEY = /^[\da-f]{64}$/;

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}
