/** @module Opens a store. An encrypted one is unlocked with what the user gave: identity files, the variable D1OPS_PASSPHRASE, or the prompt. */
import { resolve } from "node:path";
import { ageWrapping, readIdentities } from "../../files/age.ts";
import { encryptedCodec } from "../../files/encrypted-codec.ts";
import { snapshotCodec } from "../../files/snapshot-codec.ts";
import { sameCommand } from "../../project/command-line.ts";
import type { AnyProject } from "../../project/project.ts";
import { offer } from "../../report/command.ts";
import type { Codec } from "../../snapshots/store/codec.ts";
import { OpsError } from "../../snapshots/errors.ts";
import {
  readWrappedKeys,
  type Secrets,
  unlockKey,
  type WrappedKeys,
} from "../../snapshots/store/store-key.ts";
import type { Store } from "../../snapshots/store/store.ts";
import { storeOf } from "./open-store.ts";
import { requireTypedStore } from "./require-store.ts";
import type { SnapshotOptions } from "./snapshot-options.ts";

export interface OpenStore {
  readonly store: Store;
  readonly codec: Codec;
  readonly isEncrypted: boolean;
  /** Null if it is not encrypted, or was opened with the append-only key. */
  readonly keys: WrappedKeys | null;
  /** Damaged copies of the key. Another copy has unlocked the store. */
  readonly keyDamages: readonly OpsError<"SNAPSHOT_DAMAGED">[];
}

type Keyed = AnyProject<SnapshotOptions>;

/**
 * `begins`: the command may write the first snapshot of the store.
 * @throws OpsError SNAPSHOT_LOCKED, SNAPSHOT_DAMAGED, INPUT_UNREADABLE for an identity file, USAGE for a folder of `--store` that does not exist
 */
export async function openStore(project: Keyed, begins = false): Promise<OpenStore> {
  const store = await storeOf(project);
  if (!begins) requireTypedStore(project, store);
  const keys = await readWrappedKeys(store, ageWrapping);
  return keys === null ? openPlain(store) : openEncrypted(project, keys);
}

export function openPlain(store: Store): OpenStore {
  return { store, codec: snapshotCodec, isEncrypted: false, keys: null, keyDamages: [] };
}

export async function openEncrypted(project: Keyed, keys: WrappedKeys): Promise<OpenStore> {
  const key = await unlockedKey(project, keys);
  const { store, damages } = keys;
  return { store, codec: encryptedCodec(key), isEncrypted: true, keys, keyDamages: damages };
}

/** The key of the store, 32 bytes. @throws OpsError SNAPSHOT_LOCKED, SNAPSHOT_DAMAGED, INPUT_UNREADABLE */
export async function unlockedKey(project: Keyed, keys: WrappedKeys): Promise<Uint8Array> {
  const secrets = await secretsFor(project, keys);
  if (secrets.identities.length === 0 && secrets.passphrase === null) {
    throw locked(project, keys, "no key");
  }
  const key = await unlockKey(keys, ageWrapping, secrets);
  if (key === null) throw locked(project, keys, "wrong key");
  return key;
}

/** Null if it is not set. An empty variable does not count. */
export function passphraseVariable(project: Keyed): string | null {
  return secretVariable(project, "D1OPS_PASSPHRASE");
}

export function secretVariable(
  { variables }: Keyed,
  name: "D1OPS_APPEND_KEY" | "D1OPS_PASSPHRASE",
): string | null {
  const value = variables[name] ?? "";
  return value === "" ? null : value;
}

/** Prompts for the passphrase only if the user gave no other key. */
async function secretsFor(project: Keyed, keys: WrappedKeys): Promise<Secrets> {
  const { options, cwd } = project;
  const identities: string[] = [];
  for (const path of options.identity ?? []) {
    identities.push(...(await readIdentities(resolve(cwd, path))));
  }
  if (!keys.hasPassphrase) return { identities, passphrase: null };
  const given = passphraseVariable(project);
  if (given !== null || identities.length > 0) return { identities, passphrase: given };
  const asked = await options.askPassphrase?.(`Passphrase of the store ${keys.store.location}:`);
  return { identities, passphrase: asked ?? null };
}

function locked(
  project: Keyed,
  { store, hasPassphrase, hasRecipients }: WrappedKeys,
  reason: "no key" | "wrong key",
): OpsError<"SNAPSHOT_LOCKED"> {
  const { verb, options } = project;
  const { location } = store;
  const withoutIdentity = { ...options, identity: undefined };
  const ways = [
    ...(reason === "no key" ? [] : [waysText(hasPassphrase, hasRecipients)]),
    ...(hasPassphrase ? [passphraseHint(project)] : []),
    ...(hasRecipients
      ? [
          offer(
            "To unlock it with an identity file of age",
            sameCommand({ verb, options: withoutIdentity }, "--identity", "FILE"),
          ),
        ]
      : []),
  ];
  const message =
    reason === "no key"
      ? secretVariable(project, "D1OPS_APPEND_KEY") === null
        ? `The store ${location} is encrypted, and no key was given.`
        : `The store ${location} is encrypted, and the key of D1OPS_APPEND_KEY can only add snapshots.`
      : `The store ${location} is encrypted, and ${givenText(project, hasPassphrase)}.`;
  return new OpsError(
    "SNAPSHOT_LOCKED",
    { store: location, reason },
    { message, hint: ways.join("\n") },
  );
}

/** What the user gave. d1ops tries a passphrase only if the store has one. */
function givenText(project: Keyed, hasPassphrase: boolean): string {
  const { identity = [] } = project.options;
  const isSet = hasPassphrase && passphraseVariable(project) !== null;
  const parts = [
    ...(identity.length === 0 ? [] : [`${identity.join(", ")} has no identity that fits`]),
    ...(isSet ? ["the passphrase in D1OPS_PASSPHRASE is wrong"] : []),
  ];
  return parts.length === 0 ? "the typed passphrase is wrong" : parts.join(", and ");
}

function waysText(hasPassphrase: boolean, hasRecipients: boolean): string {
  const ways = [
    ...(hasPassphrase ? ["a passphrase"] : []),
    ...(hasRecipients ? ["an identity of a recipient"] : []),
  ];
  return `The store has a key for ${ways.join(", and one for ")}.`;
}

function passphraseHint(project: Keyed): string {
  if (passphraseVariable(project) === null) {
    return "Set D1OPS_PASSPHRASE, or run the command on a terminal, which asks for the passphrase.";
  }
  return "Correct D1OPS_PASSPHRASE: in a .env file, write \\$ for a $. Or unset it, and run the command on a terminal, which asks for the passphrase.";
}
