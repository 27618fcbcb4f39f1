/** @module Opens a store to take a snapshot. The first snapshot decides whether the store is encrypted, and for whom. */
import { ageWrapping } from "../../files/age.ts";
import { encryptedCodec } from "../../files/encrypted-codec.ts";
import { sameCommand } from "../../project/command-line.ts";
import { command, offer } from "../../report/command.ts";
import { OpsError } from "../../report/error.ts";
import type { Finding } from "../../report/report.ts";
import { newKey, storeWithNewKey } from "../../snapshots/store/give-key.ts";
import { readWrappedKeys } from "../../snapshots/store/store-key.ts";
import type { Store } from "../../snapshots/store/store.ts";
import { storeOf } from "./open-store.ts";
import { appendKeyOnly, openForAppending } from "./open-appending.ts";
import { openEncrypted, openPlain, type OpenStore, passphraseVariable } from "./unlock-store.ts";
import { recipientsOf, type Taking, waysToUnlock } from "./ways-to-unlock.ts";

export interface TakingStore extends OpenStore {
  /** This take encrypts the store, which has no snapshots yet. */
  readonly isNewlyEncrypted: boolean;
}

/**
 * d1ops never mixes plain and encrypted snapshots, and never stores a plain one if the user gave a key.
 * @throws OpsError USAGE, and those of unlocking the store
 */
export async function openForTaking(project: Taking): Promise<TakingStore> {
  const { recipient: typed = [], passphrase = false } = project.options;
  const store = await storeOf(project);
  const keys = await readWrappedKeys(store, ageWrapping);
  const isEmpty = (await store.list("snapshots")).length === 0;
  if (keys !== null) {
    if (typed.length > 0) throw hasKeyAlready(project, store, isEmpty);
    const appending = await openForAppending(project, store);
    if (appending !== null) return { ...appending, isNewlyEncrypted: false };
    return { ...(await openEncrypted(project, keys)), isNewlyEncrypted: false };
  }
  if (appendKeyOnly(project) !== null) throw nothingToAppendTo(store.location);
  const recipients = recipientsOf(project);
  if (recipients.length === 0 && !passphrase) {
    requireNoKey(project, store, isEmpty);
    return { ...openPlain(store), isNewlyEncrypted: false };
  }
  if (!isEmpty) throw hasPlainSnapshots(project, store);
  const made = await newKey(ageWrapping, await waysToUnlock(project, store, recipients));
  return {
    store: storeWithNewKey(store, ageWrapping, made, () => hasKeyAlready(project, store, false)),
    codec: encryptedCodec(made.key),
    isEncrypted: true,
    keys: null,
    keyDamages: [],
    isNewlyEncrypted: true,
  };
}

export function encryptedFinding({ location }: Store): Finding {
  const message = `The store ${location} is encrypted from its first snapshot on. Without an identity of a recipient, or its passphrase, its snapshots cannot be read.`;
  const help = "Keep the identity file or the passphrase in another place than the store.";
  return { rule: "store-encrypted", level: "info", message, help };
}

/** A plain snapshot would be a surprise for a user who gave a key. */
function requireNoKey(project: Taking, { location }: Store, isEmpty: boolean): void {
  const { options } = project;
  const isIdentity = (options.identity ?? []).length > 0;
  if (!isIdentity && passphraseVariable(project) === null) return;
  const given = isIdentity ? "--identity" : "D1OPS_PASSPHRASE";
  const message = `${given} is set, but the store ${location} is not encrypted${isEmpty ? " yet" : ""}, so the snapshot would not be, either.`;
  const flags = isIdentity ? ["--recipient", "RECIPIENT"] : ["--passphrase"];
  const leaveOut = isIdentity ? "Else leave --identity out." : "Else unset D1OPS_PASSPHRASE.";
  const hint = isEmpty
    ? `${offer("To encrypt it from its first snapshot on", sameCommand(project, ...flags))}\n${leaveOut}`
    : `Choose another store with --store WHERE. ${leaveOut}`;
  throw new OpsError("USAGE", { argument: given }, { message, hint });
}

function hasKeyAlready(project: Taking, { location }: Store, isEmpty: boolean): OpsError {
  const { recipient = [], identity = [] } = project.options;
  const flags = recipient.flatMap((one) => ["--recipient", one]);
  const hasKey = identity.length > 0 || passphraseVariable(project) !== null;
  const key = hasKey ? [] : ["--identity", "FILE"];
  const message = `The store ${location} has a key already, and take adds no recipient to it.`;
  const leaveOut = `To take the snapshot, leave --recipient out${hasKey ? "" : ", and pass --identity FILE"}.`;
  const add = offer("To add the recipient", command("snapshot keys", ...flags, ...key));
  const other = isEmpty
    ? `\nIt has no snapshots yet, so you can also delete the folder ${location} and run the command again.`
    : "";
  const hint = `${leaveOut}\n${add}${other}`;
  return new OpsError("USAGE", { argument: "--recipient" }, { message, hint });
}

function nothingToAppendTo(location: string): OpsError {
  const message = `D1OPS_APPEND_KEY is set, but the store ${location} is not encrypted, or does not exist, so the snapshot would not be encrypted.`;
  const hint =
    "Check --store WHERE. The key works only in the store for which `snapshot keys --append-only` printed it. Else unset D1OPS_APPEND_KEY.";
  return new OpsError("USAGE", { argument: "D1OPS_APPEND_KEY" }, { message, hint });
}

function hasPlainSnapshots({ options }: Taking, { location }: Store): OpsError {
  const typed = options.recipient === undefined ? "snapshots.recipients" : "--recipient";
  const argument = options.passphrase === true ? "--passphrase" : typed;
  const message = `The store ${location} has snapshots that are not encrypted, and a store is encrypted from its first snapshot on or never.`;
  const hint =
    argument === "snapshots.recipients"
      ? "Choose a new store with the setting snapshots.store, or remove snapshots.recipients from the settings."
      : "Choose a new store with --store WHERE.";
  return new OpsError("USAGE", { argument }, { message, hint });
}
