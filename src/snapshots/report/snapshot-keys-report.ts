/** @module The report of `snapshot keys`. */
import { type Body, errorFinding, step } from "../../report/report-body.ts";
import type { Finding } from "../../report/report.ts";
import { count } from "../../report/wording.ts";
import { shortId } from "./snapshot-words.ts";
import type { WrappedKeys } from "../store/store-key.ts";

export interface KeysResult {
  /** As a message names the store. */
  readonly location: string;
  readonly keys: WrappedKeys;
  /** The recipients that were added. */
  readonly added: readonly string[];
  /** If the user asked for it. It is a secret. */
  readonly appendKey: string | null;
}

/** Outcome `problems` if a copy of the key is damaged. */
export function snapshotKeysReport({ location, keys, added, appendKey }: KeysResult): Body {
  const { files, damages } = keys;
  const copies = `${count(files.length, "key file")} in ${location}`;
  return {
    outcome: damages.length > 0 ? "problems" : added.length > 0 ? "changed" : "ok",
    summary: added.length === 0 ? copies : `Added ${count(added.length, "recipient")}: ${copies}`,
    steps: files.map(({ name, kind }) =>
      step(shortId(name), "done", kind === "passphrase" ? "a passphrase" : "recipients of age"),
    ),
    findings: [
      ...damages.map((error) => errorFinding(error, "error", { rule: "snapshot-damaged" })),
      ...(appendKey === null ? [] : [appendKeyFinding(appendKey)]),
    ],
    data: {
      store: location,
      keys: files.map(({ name, kind }) => ({ name, kind })),
      added: [...added],
      appendKey,
    },
  };
}

function appendKeyFinding(key: string): Finding {
  return {
    rule: "append-key",
    level: "info",
    message: `The append-only key of this store can add snapshots, and read none:\n${key}`,
    help: "Store it as the secret D1OPS_APPEND_KEY of your CI. It cannot be withdrawn: if it leaks, withdraw the access to the storage.",
  };
}
