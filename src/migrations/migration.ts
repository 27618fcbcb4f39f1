/** @module A migration: a file of the folder, split into statements. */
import type { OpsError } from "../report/error.ts";
import { canonicalStatement } from "../sql/canonical.ts";
import { type Statement, statementReader } from "../sql/split.ts";
import { migrationPieces } from "../sql/transaction.ts";
import { type Directives, directivesOf, type Misspelt } from "./directives.ts";

export interface Migration {
  /** Its name in the ledger: the path relative to the migrations folder, with forward slashes. */
  readonly name: string;
  /** The path relative to the project, for messages. */
  readonly file: string;
  readonly text: string;
  readonly statements: readonly Statement[];
  /** True once `statements` was read: to read them again takes no time. */
  readonly isSplit: boolean;
  /** Backfills that must be reconciled before it may run: the directives `-- d1ops:requires backfill NAME`. */
  readonly requires: readonly string[];
  readonly misspelt: readonly Misspelt[];
  /** SHA-256 (hex) of the canonical text, which excludes comments and white space outside strings. */
  readonly checksum: string;
  /**
   * Returns the mark of a checksum and the text, byte for byte. If it is the recorded mark, and the checksum is the recorded one, the
   * file is unchanged.
   */
  readonly textMark: (checksum: string) => string;
  /** Why the file cannot be read as text. Its text, and everything derived from it, throws this error. */
  readonly unreadable?: OpsError;
}

/** A file that is not valid text. An applied migration does not need its text; a pending one throws the error. */
export function unreadableMigration(
  source: Pick<Migration, "name" | "file" | "checksum" | "textMark">,
  unreadable: OpsError,
): Migration {
  const refuse = (): never => {
    throw unreadable;
  };
  return {
    ...source,
    unreadable,
    isSplit: false,
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

interface Source {
  readonly name: string;
  readonly file: string;
  readonly text: string;
}

/**
 * Makes a migration from a file's text. Pure. It splits and hashes the text only on demand, because most commands need neither for
 * most files. Statements and checksum come from one pass over the text.
 */
export function parseMigration(source: Source, hashes: Hashes): Migration {
  return new ParsedMigration(source, hashes);
}

/** A class, because a project has hundreds: instances share their getters. */
class ParsedMigration implements Migration {
  readonly name: string;
  readonly file: string;
  readonly text: string;
  readonly #hashes: Hashes;
  #statements: readonly Statement[] | null = null;
  #checksum: string | null = null;
  #directives: Directives | null = null;

  constructor({ name, file, text }: Source, hashes: Hashes) {
    this.name = name;
    this.file = file;
    this.text = text;
    this.#hashes = hashes;
  }

  get requires(): readonly string[] {
    return (this.#directives ??= directivesOf(this.text)).requires;
  }

  get misspelt(): readonly Misspelt[] {
    return (this.#directives ??= directivesOf(this.text)).misspelt;
  }

  get isSplit(): boolean {
    return this.#statements !== null;
  }

  get statements(): readonly Statement[] {
    if (this.#statements === null) {
      const read: Statement[] = [];
      this.#checksum = this.#hash((statement) => read.push(statement));
      this.#statements = read;
    }
    return this.#statements;
  }

  get checksum(): string {
    return (this.#checksum ??= this.#hash(() => {}));
  }

  textMark(checksum: string): string {
    return this.#hashes.textMark(checksum, this.text);
  }

  #hash(take: (statement: Statement) => void): string {
    return this.#hashes.sha256(canonicalLines(this.text, take));
  }
}

/** The hashes that the caller passes in. */
export interface Hashes {
  /** Hashes one text, or its parts in order, to lower-case hex. */
  readonly sha256: (text: string | Iterable<string>) => string;
  /** The mark of a text with this checksum. It is fast to compute. Different texts have different marks, unless someone constructs them. */
  readonly textMark: (checksum: string, text: string) => string;
}

/**
 * The canonical text, statement by statement. Also calls `take` with every statement.
 * @yields {string} The canonical text of one statement.
 */
function* canonicalLines(
  text: string,
  take: (statement: Statement) => void,
): Generator<string, void, undefined> {
  const read = statementReader(text);
  for (const piece of migrationPieces(text)) {
    take(read(piece));
    yield canonicalStatement(text, piece);
  }
}

/** Returns true if the text contains the ledger's name: its statements may change the ledger. */
export function mentions({ text }: Migration, table: string): boolean {
  return text.toLowerCase().includes(table.toLowerCase());
}
