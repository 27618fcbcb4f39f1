/** @module Why `snapshot copy` copies nothing from one store to another. */
import type { AnyProject } from "../../project/project.ts";
import { command, offer } from "../../report/command.ts";
import { OpsError } from "../../report/error.ts";
import type { KeyConflict } from "../../snapshots/store/give-key.ts";
import type { Store } from "../../snapshots/store/store.ts";
import type { SnapshotCopyOptions } from "./copy-options.ts";

/** `take` refuses to store a plain snapshot despite this setting, too. @throws OpsError USAGE */
export function requireNoRecipients(
  { setting }: AnyProject<SnapshotCopyOptions>,
  { location }: Store,
): void {
  if ((setting("snapshots.recipients") ?? []).length === 0) return;
  const message = `The setting snapshots.recipients wants encrypted snapshots, but the store ${location} is not encrypted, and copy copies the stored bytes. Nothing was copied.`;
  const take = offer(
    "Take a snapshot into a new store, which is encrypted, and copy from there",
    command("snapshot take", "--store", "WHERE"),
  );
  const hint = `${take}\nOr remove snapshots.recipients from the settings.`;
  throw usage("snapshots.recipients", message, hint);
}

export function sameStore({ location }: Store): OpsError {
  const message = `--to is ${location}, the store that the snapshots are copied from.`;
  return usage("--to", message, "Choose another store, such as --to s3://BUCKET/PREFIX.");
}

export function conflict(why: KeyConflict, from: Store, to: Store): OpsError {
  const message = {
    "target is plain": `${from.location} is encrypted, and ${to.location} has snapshots that are not.`,
    "target is encrypted": `${to.location} is encrypted, and ${from.location} is not.`,
    "another key": `${from.location} and ${to.location} are encrypted with two different keys.`,
  }[why];
  const hint =
    "d1ops copies the stored bytes, and never mixes them in one store. Choose a new store with --to: it gets the key of the source.";
  return usage("--to", `${message} Nothing was copied.`, hint);
}

function usage(argument: string, message: string, hint: string): OpsError {
  return new OpsError("USAGE", { argument }, { message, hint });
}
