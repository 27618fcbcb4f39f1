/**
 * `snapshot keys`: lists the ways to unlock an encrypted store. With the key, it adds recipients, or prints the append-only key.
 * @module
 */
import { ageWrapping, requireRecipients } from "../../files/age.ts";
import { appendKeyText } from "../../files/append-key.ts";
import { appendKeyOf } from "../../files/encrypted-codec.ts";
import * as kinds from "../../options/kinds.ts";
import { optionsOf } from "../../options/check-options.ts";
import { type AnyProject, type ProjectBody, withDatabases } from "../../project/project.ts";
import { OpsError } from "../../report/error.ts";
import type { Report } from "../../report/report.ts";
import { readWrappedKeys, wrapKey } from "../../snapshots/store/store-key.ts";
import { snapshotKeysReport } from "../../snapshots/report/snapshot-keys-report.ts";
import { storeOf } from "./open-store.ts";
import { requireTypedStore } from "./require-store.ts";
import { SNAPSHOT, type SnapshotOptions } from "./snapshot-options.ts";
import { unlockedKey } from "./unlock-store.ts";

export interface SnapshotKeysOptions extends SnapshotOptions {
  /** Each of these recipients of `age` (`age1…`) can unlock the store from now on, and read all of its snapshots. */
  readonly recipient?: readonly string[];
  /** Returns the key that can add snapshots and read none, as `data.appendKey`. */
  readonly appendOnly?: boolean;
}

const readOptions = optionsOf<SnapshotKeysOptions>("snapshotKeys", {
  ...SNAPSHOT,
  recipient: kinds.optional(kinds.listOf(kinds.name)),
  appendOnly: kinds.optional(kinds.flag),
});

/** @throws OpsError USAGE for a plain store or no recipient, SNAPSHOT_LOCKED, SNAPSHOT_DAMAGED, FILE_UNWRITABLE */
export async function snapshotKeys(given: SnapshotKeysOptions = {}): Promise<Report> {
  return withDatabases("snapshot keys", readOptions(given), keys);
}

async function keys(project: AnyProject<SnapshotKeysOptions>): Promise<ProjectBody> {
  const { recipient: recipients = [], appendOnly = false } = project.options;
  const store = await storeOf(project);
  requireTypedStore(project, store);
  const before = await readWrappedKeys(store, ageWrapping);
  if (before === null) throw notEncrypted(store.location);
  await requireRecipients(recipients);
  const key = recipients.length > 0 || appendOnly ? await unlockedKey(project, before) : null;
  if (key !== null && recipients.length > 0) {
    // One copy of the key for all of them.
    const file = await wrapKey(ageWrapping, key, { kind: "recipients", recipients });
    await store.write("keys", ageWrapping.digest(file), file);
  }
  const body = snapshotKeysReport({
    location: store.location,
    keys: (await readWrappedKeys(store, ageWrapping)) ?? before,
    added: recipients,
    appendKey: key !== null && appendOnly ? appendKeyText(appendKeyOf(key)) : null,
  });
  return { ...body, target: null };
}

function notEncrypted(location: string): OpsError {
  const message = `The store ${location} is not encrypted, or does not exist, so it has no keys.`;
  const hint =
    "A store is encrypted from its first snapshot on: choose a new one with --store WHERE, and pass --recipient or --passphrase to `snapshot take`.";
  return new OpsError("USAGE", { argument: "--store" }, { message, hint });
}
