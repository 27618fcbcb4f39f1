/**
 * Where in a statement an error is. SQLite knows (`sqlite3_error_offset`) and D1 tells, but `node:sqlite`
 * does not. So SQLite is asked again, about parts and variations of the text; it only compiles them.
 * @module
 */
import { culprit } from "../sql/culprit.ts";
import { unquoteIdentifier, upperCase } from "../sql/quote.ts";
import { isSignificant, tokenize } from "../sql/tokens.ts";

/** What SQLite says when it compiles a text, or null when it is content. */
export type Complain = (sql: string) => string | null;

/** Bytes from the start of `sql`, as D1 counts them; null where it cannot be known for sure, or where D1 is silent too. */
export function offsetOf(sql: string, message: string, complain: Complain): number | null {
  const start = /^(?:near ".*": syntax error|unrecognized token: .*)$/s.test(message)
    ? (culprit(sql, message, (beginning) => complain(beginning) === message)?.start ?? null)
    : named(sql, message, complain);
  return start === null ? withinAlter(message) : Buffer.byteLength(sql.slice(0, start));
}

/** ALTER TABLE makes statements of its own, always the same way, and the place is in those. */
function withinAlter(message: string): number | null {
  if (message.endsWith(" function: sqlite_fail")) return 7;
  if (message.endsWith(" function: sqlite_drop_constraint")) return 38;
  return null;
}

/** Messages that quote a name, and what may stand for that name without this complaint. */
const KINDS: readonly { readonly pattern: RegExp; readonly harmless: string | null }[] = [
  { pattern: /^(?:no such column|ambiguous column name): (.+)$/s, harmless: "NULL" },
  {
    pattern: /^(?:no such function|not authorized to use function): (.+)$/s,
    harmless: "json_array",
  },
  { pattern: /^wrong number of arguments to function (.+)\(\)$/s, harmless: "json_array" },
  { pattern: /^too many arguments on function (.+)$/s, harmless: "json_array" },
  {
    pattern: /^misuse of (?:aggregate:|aggregate function|window function) (.+)\(\)$/s,
    harmless: "json_array",
  },
  { pattern: /^(.+)\(\) may not be used as a window function$/s, harmless: "json_array" },
  { pattern: /^(?:table|view) (.+) already exists$/s, harmless: null },
  { pattern: /^unknown database (.+)$/s, harmless: null },
];

/** More places than this are not tried. */
const MOST = 32;

function named(sql: string, message: string, complain: Complain): number | null {
  for (const { pattern, harmless } of KINDS) {
    const name = pattern.exec(message)?.[1];
    if (name === undefined) continue;
    const places = placesOf(sql, name);
    if (places.length > MOST) return null;
    const guilty = places.find((place) => {
      const others = places.filter((other) => other !== place);
      return isCulprit(
        { sql, message, complain },
        place,
        harmless === null ? null : { others, harmless },
      );
    });
    return guilty?.start ?? null;
  }
  return null;
}

/**
 * It is the culprit if SQLite complains of another name as soon as one stands there (nothing before it is
 * wrong), and still complains when all other places are harmless (it is wrong by itself).
 */
function isCulprit(
  { sql, message, complain }: { sql: string; message: string; complain: Complain },
  place: Place,
  besides: { readonly others: readonly Place[]; readonly harmless: string } | null,
): boolean {
  const unknown = "nowhere_to_be_found";
  const other = complain(replaced(sql, place.start, place.first, unknown));
  if (besides === null) return other !== message;
  if (other === null || !other.includes(unknown)) return false;
  const alone = besides.others.reduceRight(
    (text, { start, end }) => replaced(text, start, end, besides.harmless),
    sql,
  );
  return complain(alone) === message;
}

/** A name in the text: its first part ends at `first`, the whole of `a.b.c` at `end`. */
interface Place {
  readonly start: number;
  readonly first: number;
  readonly end: number;
}

function placesOf(sql: string, name: string): Place[] {
  const wanted = partsOf(name).map(({ text }) => text);
  const all = partsOf(sql);
  return all.flatMap((part, i) => {
    const last = all[i + wanted.length - 1];
    const matches = wanted.every((text, k) => all[i + k]?.text === text);
    return matches && last !== undefined
      ? [{ start: part.start, first: part.end, end: last.end }]
      : [];
  });
}

/** Names are the same in any case of letters, quoted or not. */
function partsOf(sql: string): { text: string; start: number; end: number }[] {
  return tokenize(sql)
    .filter(isSignificant)
    .map(({ start, end }) => {
      const text = upperCase(unquoteIdentifier(sql.slice(start, end)));
      return { text, start, end };
    });
}

function replaced(sql: string, start: number, end: number, by: string): string {
  return sql.slice(0, start) + by + sql.slice(end);
}
