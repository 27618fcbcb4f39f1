/**
 * Parses CREATE statements for what PRAGMAs do not report. The parser assumes that SQLite has accepted the text, and keeps
 * unknown parts instead of failing.
 * @module
 */
import { Cursor } from "./cursor.ts";
import {
  closing,
  contents,
  isSign,
  isWord,
  type Lexeme,
  lexemes,
  splitAt,
} from "../sql/lexemes.ts";
import { parseTable, type TableDefinition } from "./table-definition.ts";

export interface VirtualTableDefinition {
  readonly object: "virtual table";
  readonly name: string;
  readonly module: string;
  readonly args: readonly (readonly Lexeme[])[];
}

export interface IndexDefinition {
  readonly object: "index";
  readonly name: string;
  readonly table: string;
  readonly unique: boolean;
  readonly terms: readonly TermDefinition[];
  readonly where: readonly Lexeme[] | null;
}

export interface TriggerDefinition {
  readonly object: "trigger";
  readonly name: string;
  readonly table: string;
  readonly timing: string;
  /** `INSERT`, `DELETE`, `UPDATE`; empty if the parser does not know the text, which is then all in `body`. */
  readonly event: string;
  /** The columns after UPDATE OF. */
  readonly columns: readonly string[];
  readonly when: readonly Lexeme[] | null;
  readonly body: readonly Lexeme[];
}

export interface ViewDefinition {
  readonly object: "view";
  readonly name: string;
  readonly columns: readonly string[] | null;
  readonly select: readonly Lexeme[];
}

export type Definition =
  | TableDefinition
  | VirtualTableDefinition
  | IndexDefinition
  | TriggerDefinition
  | ViewDefinition;

/** Returns null if the statement creates nothing that the parser knows. */
export function parseDefinition(sql: string): Definition | null {
  const cursor = new Cursor(lexemes(sql));
  if (!cursor.words("CREATE")) return null;
  if (!cursor.words("TEMP")) cursor.words("TEMPORARY");
  if (cursor.words("VIRTUAL", "TABLE")) return parseVirtualTable(cursor);
  const unique = cursor.words("UNIQUE");
  if (cursor.words("INDEX")) return parseIndex(cursor, unique);
  if (cursor.words("TABLE")) return parseTable(createdName(cursor), cursor);
  if (cursor.words("TRIGGER")) return parseTrigger(cursor);
  return cursor.words("VIEW") ? parseView(cursor) : null;
}

function createdName(cursor: Cursor): string {
  cursor.words("IF", "NOT", "EXISTS");
  return cursor.qualifiedName();
}

function parseVirtualTable(cursor: Cursor): VirtualTableDefinition {
  const name = createdName(cursor);
  cursor.words("USING");
  const module = cursor.name();
  const args = splitAt(cursor.group() ?? [], ",").filter((arg) => arg.length > 0);
  return { object: "virtual table", name, module, args };
}

function parseIndex(cursor: Cursor, unique: boolean): IndexDefinition {
  const name = createdName(cursor);
  cursor.words("ON");
  const table = cursor.name();
  const terms = splitAt(cursor.group() ?? [], ",").map(parseTerm);
  const where = cursor.words("WHERE") ? statement(cursor) : null;
  return { object: "index", name, table, unique, terms, where };
}

function parseTrigger(cursor: Cursor): TriggerDefinition {
  const name = createdName(cursor);
  const timing = parseTiming(cursor);
  const event = ["INSERT", "DELETE", "UPDATE"].find((word) => cursor.words(word)) ?? "";
  const columns = cursor.words("OF")
    ? splitAt(
        cursor.until((at) => at.sees("ON")),
        ",",
      ).map((piece) => new Cursor(piece).name())
    : [];
  cursor.words("ON");
  const table = event === "" ? "" : cursor.name();
  cursor.words("FOR", "EACH", "ROW");
  const when = cursor.words("WHEN") ? cursor.until(isBodyNext) : null;
  cursor.words("BEGIN");
  const body = statement(cursor);
  if (isWord(body.at(-1), "END")) body.pop();
  return { object: "trigger", name, table, timing, event, columns, when, body };
}

function parseTiming(cursor: Cursor): string {
  if (cursor.words("AFTER")) return "AFTER";
  if (cursor.words("INSTEAD", "OF")) return "INSTEAD OF";
  cursor.words("BEFORE");
  return "BEFORE";
}

/** BEGIN may be a column's name. It is a keyword only before a statement. */
function isBodyNext(cursor: Cursor): boolean {
  const statements = ["SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "WITH"];
  return statements.some((word) => cursor.sees("BEGIN", word));
}

function parseView(cursor: Cursor): ViewDefinition {
  const name = createdName(cursor);
  const list = cursor.group();
  const columns = list && splitAt(list, ",").map((piece) => new Cursor(piece).name());
  cursor.words("AS");
  return { object: "view", name, columns, select: statement(cursor) };
}

/** Reads the rest, without a semicolon at its end. */
function statement(cursor: Cursor): Lexeme[] {
  const list = cursor.rest();
  while (list.at(-1)?.kind === "semicolon") list.pop();
  return list;
}

/** One term as written: `email COLLATE NOCASE DESC`. */
export interface TermDefinition {
  readonly expression: readonly Lexeme[];
  /** Only a collation that applies to the whole expression. */
  readonly collation: string | null;
  readonly descending: boolean;
}

function parseTerm(list: readonly Lexeme[]): TermDefinition {
  const term = [...list];
  if (isWord(term.at(-2), "NULLS")) term.splice(-2);
  const descending = isWord(term.at(-1), "DESC");
  if (term.length > 1 && (descending || isWord(term.at(-1), "ASC"))) term.pop();
  const collated = isWord(term.at(-2), "COLLATE") && isPrimary(term.slice(0, -2));
  const name = collated ? term.splice(-2).at(-1) : undefined;
  return { expression: term, collation: name ? contents(name) : null, descending };
}

/** True for a name, a value, a call or parentheses: COLLATE binds tighter than any operator. */
function isPrimary(list: readonly Lexeme[]): boolean {
  if (list.length === 1) return true;
  const open = list[0]?.kind === "operator" ? 0 : 1;
  return isSign(list[open], "(") && closing(list, open) === list.length - 1;
}
