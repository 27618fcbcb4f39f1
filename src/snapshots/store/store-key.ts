/**
 * The key of an encrypted store: 32 random bytes. The folder `keys` has copies of it, each encrypted as a file of `age` for one way to
 * unlock the store. A store is encrypted from its first object on, or never.
 * @module
 */
import { bytesOfHex, hexOf } from "./bytes.ts";
import { OpsError } from "../errors.ts";
import type { Store } from "./store.ts";
import { HAS_OTHER_BYTES, unknownFormat } from "./unreadable.ts";

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
export interface WrappedKey {
  /** Of its object in `keys`. */
  readonly name: string;
  readonly file: Uint8Array;
  readonly kind: WayToUnlock["kind"];
}

export interface WrappedKeys {
  readonly store: Store;
  readonly files: readonly WrappedKey[];
  /** A damaged copy may be of either kind. */
  readonly hasPassphrase: boolean;
  readonly hasRecipients: boolean;
  /** Copies with other bytes than d1ops wrote. */
  readonly damages: readonly OpsError<"SNAPSHOT_DAMAGED">[];
}

/** The beginning of a file that `age` encrypted with a passphrase. Such a file has no other way to unlock it. */
const BY_PASSPHRASE = "age-encryption.org/v1\n-> scrypt ";

/** Null: the store is not encrypted, or does not exist yet. @throws OpsError SNAPSHOT_DAMAGED if the keys are missing; those of the store */
export async function readWrappedKeys(
  store: Store,
  wrapping: KeyWrapping,
): Promise<WrappedKeys | null> {
  const names = (await store.list("keys")).map(({ name }) => name).toSorted();
  if (names.length === 0) {
    await requirePlain(store);
    return null;
  }
  const files: WrappedKey[] = [];
  const damages: OpsError<"SNAPSHOT_DAMAGED">[] = [];
  for (const name of names) {
    const file = await store.read("keys", name);
    if (file !== null && wrapping.digest(file) === name) {
      files.push({ name, file, kind: isByPassphrase(file) ? "passphrase" : "recipients" });
    } else damages.push(damagedKey(store, name));
  }
  // A passphrase takes a second to try, so those of recipients are first.
  const [byPassphrase, byRecipients] = [
    files.filter(({ kind }) => kind === "passphrase"),
    files.filter(({ kind }) => kind === "recipients"),
  ];
  const isDamaged = damages.length > 0;
  return {
    store,
    files: [...byRecipients, ...byPassphrase],
    hasPassphrase: byPassphrase.length > 0 || isDamaged,
    hasRecipients: byRecipients.length > 0 || isDamaged,
    damages,
  };
}

/** Else a take would store plain snapshots in an encrypted store that has lost its keys. */
async function requirePlain(store: Store): Promise<void> {
  const snapshots = await store.list("snapshots");
  for (const { name } of snapshots) {
    const start = await store.read("snapshots", name, { at: 0, bytes: ZSTD.length });
    // A plain manifest with a damaged byte is still a plain one.
    if (ZSTD.filter((byte, at) => start?.[at] === byte).length > 1) return;
  }
  if (snapshots.length === 0) return;
  const { location } = store;
  const problem = "is missing, or all manifests are damaged";
  throw new OpsError(
    "SNAPSHOT_DAMAGED",
    { store: location, object: "keys", problem },
    {
      message: `The store ${location} has encrypted snapshots and no key: the folder keys ${problem}.`,
      hint: "Copy the folder keys from another copy of the store, or choose another store with --store WHERE.",
    },
  );
}

/** The beginning of a zstd frame, and so of a plain manifest. */
const ZSTD = [0x28, 0xb5, 0x2f, 0xfd];

function damagedKey({ location }: Store, name: string): OpsError<"SNAPSHOT_DAMAGED"> {
  const object = `keys/${name}`;
  const problem = HAS_OTHER_BYTES;
  const text = {
    message: `The store ${location} is damaged: ${object} ${problem}. It is a copy of the key.`,
    hint: "Copy this object from another copy of the store. Another copy of the key unlocks the store, too.",
  };
  return new OpsError("SNAPSHOT_DAMAGED", { store: location, object, problem }, text);
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
  for (const { name, file } of files) {
    const content = await wrapping.unwrap(file, secrets);
    if (content !== null) return keyIn(content, store, `keys/${name}`);
  }
  const [first] = damages;
  if (first !== undefined) throw first;
  return null;
}

/** A copy of the key for one more way to unlock the store. */
export async function wrapKey(
  wrapping: KeyWrapping,
  key: Uint8Array,
  way: WayToUnlock,
): Promise<Uint8Array> {
  const text = `${JSON.stringify({ format: KEY_FORMAT, key: hexOf(key) })}\n`;
  return wrapping.wrap(new TextEncoder().encode(text), way);
}

function keyIn(content: Uint8Array, store: Store, object: string): Uint8Array {
  const read: { readonly format?: unknown; readonly key?: unknown } = JSON.parse(
    new TextDecoder().decode(content),
  );
  const { format, key } = read;
  if (format === KEY_FORMAT && typeof key === "string" && HEX_KEY.test(key)) return bytesOfHex(key);
  throw unknownFormat(store, object, format);
}

const HEX_KEY = /^[\da-f]{64}$/;
