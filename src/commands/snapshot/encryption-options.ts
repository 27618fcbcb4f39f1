/** @module The options of `snapshot take` that encrypt a new store. */
import * as kinds from "../../options/kinds.ts";

export interface EncryptionOptions {
  /** Encrypts a new store: each of these recipients of `age` (`age1…`) can unlock it. Default: the setting `snapshots.recipients`. */
  readonly recipient?: readonly string[];
  /** Encrypts a new store with the passphrase of `D1OPS_PASSPHRASE`, or of the prompt. */
  readonly passphrase?: boolean;
}

export const ENCRYPTION: kinds.Shape<EncryptionOptions> = {
  recipient: kinds.optional(kinds.listOf(kinds.name)),
  passphrase: kinds.optional(kinds.flag),
};
