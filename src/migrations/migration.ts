/**
 * What a migration is: a file of the folder, read and cut into statements.
 * @module
 */
import { canonical } from "../sql/canonical.ts";
import { split, type Statement } from "../sql/split.ts";

export interface Migration {
  /** Relative to the migrations folder, forward slashes: the name that the ledger knows it by. */
  readonly name: string;
  /** Relative to the project, for messages. */
  readonly file: string;
  readonly text: string;
  readonly statements: readonly Statement[];
  /** SHA-256 (hex) of the canonical text: comments and white space outside of strings do not count. */
  readonly checksum: string;
}

/** Makes a migration of a file's text. Pure; `sha256` gives lower-case hex. */
export function parseMigration(
  source: { readonly name: string; readonly file: string; readonly text: string },
  sha256: (text: string) => string,
): Migration {
  return { ...source, statements: split(source.text), checksum: sha256(canonical(source.text)) };
}
