/** @module Who can unlock a new store: the recipients and the passphrase that the user gave. */
import { requireRecipients } from "../../files/age.ts";
import type { AnyProject } from "../../project/project.ts";
import { OpsError } from "../../report/error.ts";
import { count } from "../../report/wording.ts";
import type { WayToUnlock } from "../../snapshots/store/store-key.ts";
import type { Store } from "../../snapshots/store/store.ts";
import type { EncryptionOptions } from "./encryption-options.ts";
import type { SnapshotOptions } from "./snapshot-options.ts";
import { passphraseVariable } from "./unlock-store.ts";

export type Taking = AnyProject<SnapshotOptions & EncryptionOptions>;

/** The setting is about new stores: for an existing one, only a typed recipient is a mistake. */
export function recipientsOf({ options, setting }: Taking): readonly string[] {
  return options.recipient ?? setting("snapshots.recipients") ?? [];
}

/** @throws OpsError USAGE for a text that is no recipient, and for a passphrase that is missing, mistyped or short */
export async function waysToUnlock(
  project: Taking,
  store: Store,
  recipients: readonly string[],
): Promise<WayToUnlock[]> {
  const ways: WayToUnlock[] = [];
  if (recipients.length > 0) {
    await requireRecipients(recipients);
    ways.push({ kind: "recipients", recipients });
  }
  if (project.options.passphrase === true) {
    ways.push({ kind: "passphrase", passphrase: await newPassphrase(project, store) });
  }
  return ways;
}

async function newPassphrase(project: Taking, { location }: Store): Promise<string> {
  const given = passphraseVariable(project);
  if (given !== null) return longEnough(given);
  const { askPassphrase } = project.options;
  const typed = (await askPassphrase?.(`New passphrase of the store ${location}:`)) ?? null;
  if (typed === null) {
    throw noPassphrase(
      "--passphrase needs a passphrase, and none was given.",
      "Set D1OPS_PASSPHRASE, or run the command on a terminal, which asks for it.",
    );
  }
  if ((await askPassphrase?.("The same passphrase again:")) === typed) {
    return longEnough(typed);
  }
  throw noPassphrase(
    "The two passphrases differ. Nothing was stored.",
    "Run the command again, and type the same passphrase twice.",
  );
}

/** Whoever has the folder can try as many passphrases as they like. A store keeps its passphrase, so this is the only time to refuse one. */
const SHORTEST_PASSPHRASE = 12;

function longEnough(passphrase: string): string {
  if (passphrase.length >= SHORTEST_PASSPHRASE) return passphrase;
  throw noPassphrase(
    `The passphrase has ${count(passphrase.length, "character")}, and a new store needs at least ${SHORTEST_PASSPHRASE}: a short one can be guessed. Nothing was stored.`,
    "Use at least four random words.",
  );
}

function noPassphrase(message: string, hint: string): OpsError<"USAGE"> {
  return new OpsError("USAGE", { argument: "--passphrase" }, { message, hint });
}
