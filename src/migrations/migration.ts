/**
 * What a migration is: a file of the folder, read and cut into statements.
 * @module
 */
import type { OpsError } from "../report/error.ts";
import { canonical } from "../sql/canonical.ts";
import type { Statement } from "../sql/split.ts";
import { splitMigration } from "../sql/transaction.ts";
import { type Directives, directivesOf, type Misspelt } from "./directives.ts";

export interface Migration {
  /** Relative to the migrations folder, forward slashes: the name that the ledger knows it by. */
  readonly name: string;
  /** Relative to the project, for messages. */
  readonly file: string;
  readonly text: string;
  readonly statements: readonly Statement[];
  /** Backfills that have to be reconciled before it may run: lines `-- d1ops:requires backfill NAME`. */
  readonly requires: readonly string[];
  /** Lines that were meant to be such, and are none. */
  readonly misspelt: readonly Misspelt[];
  /** SHA-256 (hex) of the canonical text: comments and white space outside of strings do not count. */
  readonly checksum: string;
  /** Why it cannot be read as text. Asking for its text, or for what follows from it, throws this. */
  readonly unreadable?: OpsError;
}

/** A file that is not text. Where it is applied nobody needs its text; where it is to run, the error comes up. */
export function unreadableMigration(
  source: Pick<Migration, "name" | "file" | "checksum">,
  unreadable: OpsError,
): Migration {
  const refuse = (): never => {
    throw unreadable;
  };
  return {
    ...source,
    unreadable,
    get text() {
      return refuse();
    },
    get statements() {
      return refuse();
    },
    get requires() {
      return refuse();
    },
    get misspelt() {
      return refuse();
    },
  };
}

/**
 * Makes a migration of a file's text. Pure; `sha256` gives lower-case hex. Cutting and hashing wait until somebody asks:
 * most commands need neither of most files.
 */
export function parseMigration(
  source: { readonly name: string; readonly file: string; readonly text: string },
  sha256: (text: string) => string,
): Migration {
  let statements: readonly Statement[] | null = null;
  let checksum: string | null = null;
  let directives: Directives | null = null;
  return {
    ...source,
    get requires() {
      return (directives ??= directivesOf(source.text)).requires;
    },
    get misspelt() {
      return (directives ??= directivesOf(source.text)).misspelt;
    },
    get statements() {
      return (statements ??= splitMigration(source.text));
    },
    get checksum() {
      return (checksum ??= sha256(canonical(source.text)));
    },
  };
}

/** True where the text has the name of a ledger in it: its statements may change what the ledger says. */
export function mentions({ text }: Migration, table: string): boolean {
  return text.toLowerCase().includes(table.toLowerCase());
}
