/** @module Wraps the key of a store as the program `age` does, and reads the identity files of `age`. */
import { hash, randomBytes } from "node:crypto";
import type * as Age from "age-encryption";
import { OpsError } from "../report/error.ts";
import type { KeyWrapping, Secrets, WayToUnlock } from "../snapshots/store/store-key.ts";
import { unreadable } from "./reason.ts";
import { readRegularFile } from "./regular.ts";

const MOST_IDENTITY_BYTES = 1_000_000;

/** How `age` marks an encrypted file, and the lines of an identity file. */
const ENCRYPTED = /^(?:age-encryption\.org\/|-----BEGIN AGE ENCRYPTED FILE-----)/;
const IDENTITY = /^AGE-SECRET-KEY-/;

/** The package takes 50 ms or more to load. */
async function loadAge(): Promise<typeof Age> {
  return import("age-encryption");
}

export const ageWrapping: KeyWrapping = {
  digest: (bytes) => hash("sha256", bytes),
  randomKey: () => randomBytes(32),
  wrap,
  unwrap,
};

async function wrap(bytes: Uint8Array, way: WayToUnlock): Promise<Uint8Array> {
  const { Encrypter } = await loadAge();
  const encrypter = new Encrypter();
  if (way.kind === "passphrase") encrypter.setPassphrase(way.passphrase);
  else for (const recipient of way.recipients) encrypter.addRecipient(recipient);
  return encrypter.encrypt(bytes);
}

async function unwrap(file: Uint8Array, secrets: Secrets): Promise<Uint8Array | null> {
  const { Decrypter } = await loadAge();
  const decrypter = new Decrypter();
  for (const identity of secrets.identities) decrypter.addIdentity(identity);
  if (secrets.passphrase !== null) decrypter.addPassphrase(secrets.passphrase);
  try {
    return await decrypter.decrypt(file);
  } catch {
    return null;
  }
}

/** @throws OpsError USAGE for a text that is no recipient */
export async function requireRecipients(recipients: readonly string[]): Promise<void> {
  const { Encrypter } = await loadAge();
  const encrypter = new Encrypter();
  for (const recipient of recipients) {
    try {
      encrypter.addRecipient(recipient);
    } catch (error) {
      // Whoever passes an identity by mistake must not find it in a log.
      const secret = /secret/i.test(recipient);
      const message = secret
        ? "--recipient has a secret identity. A recipient is public, and begins with age1."
        : `--recipient ${recipient} is not a recipient of age.`;
      const hint = secret
        ? "Print the recipient of an identity file: age-keygen -y FILE"
        : "Copy the recipient as age-keygen prints it: it begins with age1. d1ops supports no SSH keys and no plugins of age.";
      throw new OpsError("USAGE", { argument: "--recipient" }, { message, hint }, { cause: error });
    }
  }
}

/** The identities of a file that `age-keygen` wrote. An error never has the content of the file. @throws OpsError INPUT_UNREADABLE */
export async function readIdentities(path: string): Promise<string[]> {
  const text = readIdentityFile(path);
  if (ENCRYPTED.test(text)) {
    throw noIdentity(
      path,
      "it is encrypted itself",
      "Decrypt it into a file that only you can read: age --decrypt",
    );
  }
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const identities = lines.filter((line) => line !== "" && !line.startsWith("#"));
  const hint =
    "Pass a file that age-keygen wrote: it has a line that begins with AGE-SECRET-KEY-1. d1ops supports no SSH keys and no plugins of age.";
  if (identities.length === 0) throw noIdentity(path, "it has no identity", hint);
  const { Decrypter } = await loadAge();
  for (const identity of identities) {
    try {
      if (!IDENTITY.test(identity)) throw new Error("another kind of key");
      new Decrypter().addIdentity(identity);
    } catch {
      throw noIdentity(path, `line ${lines.indexOf(identity) + 1} is not an identity of age`, hint);
    }
  }
  return identities;
}

function readIdentityFile(path: string): string {
  try {
    return readRegularFile(path, MOST_IDENTITY_BYTES).toString("utf8");
  } catch (error) {
    throw unreadable(path, error);
  }
}

function noIdentity(path: string, reason: string, hint: string): OpsError<"INPUT_UNREADABLE"> {
  const message = `${path} cannot be used as an identity file: ${reason}.`;
  return new OpsError("INPUT_UNREADABLE", { path, reason }, { message, hint });
}
