/**
 * Rewrites `UPDATE` and `DELETE` with `[ORDER BY …] LIMIT …`. workerd's SQLite is compiled with
 * SQLITE_ENABLE_UPDATE_DELETE_LIMIT; node's is not. The rewritten statement does what SQLite does internally: it writes the
 * rows whose key a SELECT with the same WHERE, ORDER BY and LIMIT returns.
 * @module
 */
import { unquoteIdentifier, upperCase } from "./quote.ts";
import { pieces } from "./split.ts";
import { isSignificant, textOf, tokens, type Token } from "./tokens.ts";

/** The parts of such a statement, as the user wrote them. A missing part is an empty string. */
export interface LimitedWrite {
  readonly verb: "UPDATE" | "DELETE";
  /** The table's name without its quotes. */
  readonly table: string;
  /** Everything up to and including the table and its alias: `WITH c AS (…) DELETE FROM main.t AS x`. */
  readonly head: string;
  /** `main.t AS x`. It includes the schema if a WITH could define the same name. */
  readonly target: string;
  /** The table's name in expressions: `x`. */
  readonly alias: string;
  /** `INDEXED BY i` or `NOT INDEXED`. */
  readonly hint: string;
  /** `SET a = 1`. */
  readonly set: string;
  /** Without the word FROM. */
  readonly from: string;
  /** Without the word WHERE. */
  readonly where: string;
  readonly returning: string;
  /** `ORDER BY a LIMIT 1 OFFSET 2`. */
  readonly tail: string;
  /** The offset of the tail in the text. */
  readonly tailStart: number;
  /** The offset where the statement ends: after its `;`, or at the end of the text. */
  readonly end: number;
  /** False for `ORDER BY` alone, which SQLite rejects. */
  readonly hasLimit: boolean;
}

/** The columns that identify a row, with the collations of the key; or a name of the rowid. */
export type RowKey = readonly { readonly name: string; readonly collation?: string }[];

/** Parses the first statement of a text. Returns null if it is not a limited write. */
export function readLimitedWrite(sql: string): LimitedWrite | null {
  const [piece] = pieces(sql);
  if (piece === undefined) return null;
  const words = piece.map((token) => wordAt(sql, token));
  const level = levels(sql, piece);
  const find = (word: string, from: number): number =>
    words.findIndex((one, i) => i >= from && one === word && level[i] === 0);

  const verbAt = words.findIndex((one, i) => level[i] === 0 && VERBS.has(one));
  const verb = words[verbAt];
  if (verb !== "UPDATE" && verb !== "DELETE") return null;
  const withAt = words.findIndex((word) => !["EXPLAIN", "QUERY", "PLAN"].includes(word));
  if (withAt !== verbAt && words[withAt] !== "WITH") return null;
  const name = verb === "DELETE" ? verbAt + 2 : verbAt + (words[verbAt + 1] === "OR" ? 3 : 1);
  let last = name;
  const qualified = textOf(sql, piece[last + 1]) === ".";
  if (qualified) last += 2;
  const table = last;
  if (words[last + 1] === "AS") last += 2;

  const closed = piece.at(-1)?.kind === "semicolon";
  const end = closed ? piece.length - 1 : piece.length;
  const found = (at: number): number => (at < 0 ? end : at);
  const order = find("ORDER", last + 1);
  const limit = find("LIMIT", last + 1);
  const tail = Math.min(found(order), found(limit));
  if (tail >= end) return null;
  const returning = Math.min(found(find("RETURNING", last + 1)), tail);
  const where = Math.min(found(find("WHERE", last + 1)), returning);
  const set = verb === "UPDATE" ? Math.min(found(find("SET", last + 1)), where) : where;
  let from = find("FROM", set);
  // The FROM in `a IS DISTINCT FROM b` starts no clause.
  while (from >= 0 && words[from - 1] === "DISTINCT") from = find("FROM", from + 1);
  from = verb === "UPDATE" ? Math.min(found(from), where) : where;

  const text = (first: number, next: number): string =>
    sql.slice(piece[first]?.start, next > first ? piece[next - 1]?.end : piece[first]?.start);
  const nameOf = (at: number): string => textOf(sql, piece[at]);
  return {
    verb,
    table: unquoteIdentifier(nameOf(table)),
    head: text(0, last + 1),
    target: `${qualified || words[withAt] !== "WITH" ? "" : "main."}${text(name, last + 1)}`,
    alias: nameOf(last),
    hint: text(last + 1, set),
    set: text(set, from),
    from: text(from + 1, where),
    where: text(where + 1, returning),
    returning: text(returning, tail),
    tail: text(tail, end),
    tailStart: piece[tail]?.start ?? 0,
    end: closed ? (piece.at(-1)?.end ?? 0) : sql.length,
    hasLimit: limit >= 0,
  };
}

/** REPLACE is missing because it may also be a name. A SELECT or VALUES follows it anyway. */
const VERBS: ReadonlySet<string> = new Set(["UPDATE", "DELETE", "INSERT", "SELECT", "VALUES"]);

/**
 * Rewrites the statement without the clause. If the order of its parameters changes, the caller must number them first:
 * see {@link needsNumbers}.
 *
 * With a FROM, a row of an UPDATE's table may join several other rows and counts once. SQLite then finds the row by its
 * key, in the key's collation. Without a FROM, SQLite compares the columns, in their own collations.
 */
export function withoutLimit(write: LimitedWrite, key: RowKey): string {
  const { head, target, alias, hint, set, from, where, returning, tail } = write;
  const joined = from !== "";
  const terms = key.map(({ name }) => (joined ? `${alias}.${name}` : name));
  const list = terms.join(", ");
  const compared = joined ? key.map(({ collation }, i) => collated(terms[i], collation)) : terms;
  const outer = compared.length === 1 ? compared.join("") : `(${compared.join(", ")})`;
  const condition = where === "" ? "" : ` WHERE ${where}`;
  const others = joined ? `, ${isJoin(from) ? `(${from})` : from} ` : "";
  const group = joined ? ` GROUP BY ${list}` : "";
  const rows = `SELECT ${list} FROM ${target} ${hint} ${others}${condition}${group} ${tail}`;
  const both = joined && where !== "" ? `(${where}) AND ` : "";
  const outerHint = /^not/i.test(hint) ? hint : "";
  return [
    head,
    outerHint,
    set,
    joined ? `FROM ${from}` : "",
    `WHERE ${both}${outer} IN (${rows})`,
    returning,
  ]
    .filter((part) => part !== "")
    .join(" ");
}

function collated(term = "", collation?: string): string {
  return collation === undefined ? term : `${term} COLLATE ${collation}`;
}

/**
 * SQLite joins several tables of a FROM first, as if they were in parentheses, and then joins the result to the written
 * table. A single table must not get parentheses: its alias would be lost and would refer to the outer UPDATE's FROM, so
 * that every row would count as the first.
 */
function isJoin(from: string): boolean {
  const [piece = []] = pieces(from);
  const level = levels(from, piece);
  return piece.some(
    (token, i) => level[i] === 0 && (textOf(from, token) === "," || wordAt(from, token) === "JOIN"),
  );
}

/** Writes each parameter as `?7`, with the number that SQLite assigns to it in this order. */
export function withNumbers(sql: string): string {
  const numbers = new Map<string, number>();
  let count = 0;
  let numbered = "";
  for (const token of tokens(sql)) {
    const text = sql.slice(token.start, token.end);
    if (token.kind !== "variable") {
      numbered += text;
      continue;
    }
    let number = numbers.get(text);
    if (text === "?") number = count + 1;
    else if (text.startsWith("?")) number = Number(text.slice(1));
    number ??= count + 1;
    if (!text.startsWith("?")) numbers.set(text, number);
    count = Math.max(count, number);
    numbered += `?${number}`;
  }
  return numbered;
}

/** A bare word in upper case; an empty string for any other token. */
function wordAt(sql: string, token: Token): string {
  return token.kind === "word" ? upperCase(sql.slice(token.start, token.end)) : "";
}

function levels(sql: string, piece: readonly Token[]): number[] {
  let open = 0;
  return piece.map((token) => {
    const text = token.end - token.start === 1 ? sql.charAt(token.start) : "";
    if (text === ")") open -= 1;
    const level = open;
    if (text === "(") open += 1;
    return level;
  });
}

/** Returns true if RETURNING has a parameter, or if {@link withoutLimit} repeats a clause (the FROM). */
export function needsNumbers({ from, returning }: LimitedWrite): boolean {
  return (
    from !== "" ||
    [...tokens(returning)].some((token) => isSignificant(token) && token.kind === "variable")
  );
}
