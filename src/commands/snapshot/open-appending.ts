/** @module Opens an encrypted store with the append-only key of `D1OPS_APPEND_KEY`, which can add snapshots and read none. */
import { parseAppendKey } from "../../files/append-key.ts";
import { appendingCodec } from "../../files/encrypted-codec.ts";
import type { AnyProject } from "../../project/project.ts";
import { command, offer } from "../../report/command.ts";
import type { Codec } from "../../snapshots/store/codec.ts";
import { OpsError } from "../../snapshots/errors.ts";
import type { Store } from "../../snapshots/store/store.ts";
import type { SnapshotOptions } from "./snapshot-options.ts";
import { type OpenStore, passphraseVariable, secretVariable } from "./unlock-store.ts";

/**
 * Null if the user gave no such key, or one that can do more: an identity or the passphrase.
 * @throws OpsError USAGE for a text that is no key, SNAPSHOT_LOCKED for the key of another store
 */
export async function openForAppending(
  project: AnyProject<SnapshotOptions>,
  store: Store,
): Promise<OpenStore | null> {
  const text = appendKeyOnly(project);
  if (text === null) return null;
  const key = parseAppendKey(text);
  if (key === null) throw noKey();
  const codec = appendingCodec(key);
  if (!(await fits(store, codec))) throw otherStore(store);
  return { store, codec, isEncrypted: true, keys: null, keyDamages: [] };
}

/** The text of the append-only key, if the user gave no other one. */
export function appendKeyOnly(project: AnyProject<SnapshotOptions>): string | null {
  if ((project.options.identity ?? []).length > 0) return null;
  if (passphraseVariable(project) !== null) return null;
  return secretVariable(project, "D1OPS_APPEND_KEY");
}

/** The name of every object is a hash with the key of the ids. Else d1ops would store a snapshot that no one can read. */
async function fits(store: Store, codec: Codec): Promise<boolean> {
  for (const folder of ["proofs", "snapshots"] as const) {
    const objects = (await store.list(folder)).toSorted((a, b) => a.bytes - b.bytes);
    for (const { name } of objects) {
      const bytes = await store.read(folder, name);
      if (bytes !== null && codec.digest(bytes) === name) return true;
    }
  }
  return false;
}

/** Never with the text: it is a secret. */
function noKey(): OpsError {
  const message = "The value of D1OPS_APPEND_KEY is not an append-only key, or not all of one.";
  const hint = offer(
    "To print the key of a store, with the identity of a recipient",
    command("snapshot keys", "--append-only", "--identity", "FILE"),
  );
  return new OpsError("USAGE", { argument: "D1OPS_APPEND_KEY" }, { message, hint });
}

function otherStore({ location }: Store): OpsError<"SNAPSHOT_LOCKED"> {
  return new OpsError(
    "SNAPSHOT_LOCKED",
    { store: location, reason: "wrong key" },
    {
      message: `The key of D1OPS_APPEND_KEY is not the one of the store ${location}, or the store has no snapshot yet. Nothing was stored.`,
      hint: `Check --store WHERE. ${offer("To print the key of a store, with the identity of a recipient", command("snapshot keys", "--append-only", "--identity", "FILE"))}`,
    },
  );
}
