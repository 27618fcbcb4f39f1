/**
 * Where in a statement an error is. SQLite knows (`sqlite3_error_offset`) and D1 tells, but `node:sqlite`
 * does not. So SQLite is asked again, about variations of the text; it only compiles them.
 * @module
 */
import { complaintOf } from "../sql/complaint.ts";
import { culprit, lastOfName } from "../sql/culprit.ts";
import { upperCase } from "../sql/quote.ts";
import { isSignificant, tokenize } from "../sql/tokens.ts";

/** What SQLite says when it compiles a text, or null when it is content. */
export type Complain = (sql: string) => string | null;

/**
 * Where what SQLite complains of stands, in UTF-16 units of `sql`; null where it names nothing in this text, as with
 * an error inside a view.
 */
export function placeOf(sql: string, message: string, complain: Complain): number | null {
  const complaint = complaintOf(message);
  switch (complaint.about) {
    case "near":
    case "unrecognized":
      return culprit(sql, message, (beginning) => complain(beginning) === message)?.start ?? null;
    case "end":
      return culprit(sql, message)?.start ?? null;
    case "name":
      for (const name of complaint.names) {
        const place = named(sql, name, complain);
        if (place !== null) return complaint.role === "column" ? beginningOf(sql, place) : place;
      }
      return null;
    case "nothing":
      return null;
  }
}

/**
 * Bytes from the start of `sql`, as D1 counts them; null where D1 is silent too, or where the place is not known. `place` is
 * that of {@link placeOf}.
 */
export function offsetOf(sql: string, message: string, place: number | null): number | null {
  if (place === null) return withinAlter(message);
  if (!WITH_OFFSET.some((pattern) => pattern.test(message))) return null;
  return Buffer.byteLength(sql.slice(0, place));
}

/** ALTER TABLE makes statements of its own, always the same way, and the place is in those. */
function withinAlter(message: string): number | null {
  if (message.endsWith(" function: sqlite_fail")) return 7;
  if (message.endsWith(" function: sqlite_drop_constraint")) return 38;
  return null;
}

/** The errors with which SQLite remembers a place. */
const WITH_OFFSET: readonly RegExp[] = [
  /^near ".*": syntax error$/s,
  /^unrecognized token: /,
  /^(?:no such column|ambiguous column name): /,
  /^(?:no such function|not authorized to use function): /,
  /^wrong number of arguments to function /,
  /^too many arguments on function /,
  /^misuse of (?:aggregate:|aggregate function|window function) /,
  /^.+\(\) may not be used as a window function$/s,
  /^(?:table|view) .+ already exists$/s,
  /^unknown database /,
];

/**
 * SQLite repeats a name as the culprit spells it, and does not care for the case of letters. So each place of that name
 * is spelled in its own way, letter case by letter case, and the message says which it was: as many questions as the number
 * of places has binary digits.
 */
function named(sql: string, name: string, complain: Complain): number | null {
  const places = placesOf(sql, name);
  const [only] = places;
  if (!/[a-z]/i.test(name)) {
    return only !== undefined && places.length === 1 && isNamed(sql, only, complain)
      ? only.start
      : null;
  }
  let index = 0;
  for (let bit = 1; bit < Math.max(places.length, 2); bit *= 2) {
    const heard = complain(spelled(sql, places, (i) => (i & bit) !== 0));
    const said = heard === null ? null : spellingIn(heard, name);
    if (said === null) return null;
    if (said === "upper") index += bit;
  }
  return places[index]?.start ?? null;
}

/** `main.t.x` is `t.x` to the message, and begins at `main` to SQLite. */
function beginningOf(sql: string, place: number): number {
  const before = tokenize(sql).filter((token) => isSignificant(token) && token.start < place);
  let start = place;
  while (before.length >= 2 && sql.slice(before.at(-1)?.start, before.at(-1)?.end) === ".") {
    before.pop();
    start = before.pop()?.start ?? start;
  }
  return start;
}

/** A name without letters has no other spelling: another name stands in for it. */
function isNamed(sql: string, { start, end }: Place, complain: Complain): boolean {
  const heard = complain(`${sql.slice(0, start)}${UNKNOWN}${sql.slice(end)}`);
  const complaint = complaintOf(heard ?? "");
  return complaint.about === "name" && complaint.names.includes(UNKNOWN);
}

const UNKNOWN = "nowhere_to_be_found";

/** How the message spells the name: null where it does not have it, or in both cases of letters. */
function spellingIn(message: string, name: string): "upper" | "lower" | null {
  const complaint = complaintOf(message);
  if (complaint.about !== "name") return null;
  const said = complaint.names.find((one) => upperCase(one) === upperCase(name));
  if (said === undefined) return null;
  const upper = upperCase(said);
  if (upper === lowerCase(said)) return null;
  return said === upper ? "upper" : said === lowerCase(said) ? "lower" : null;
}

function spelled(
  sql: string,
  places: readonly Place[],
  isUpper: (index: number) => boolean,
): string {
  let text = "";
  let from = 0;
  for (const [i, { start, end }] of places.entries()) {
    const name = sql.slice(start, end);
    text += sql.slice(from, start) + (isUpper(i) ? upperCase(name) : lowerCase(name));
    from = end;
  }
  return text + sql.slice(from);
}

/** A to Z only, as SQLite does it. */
function lowerCase(text: string): string {
  return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

interface Place {
  readonly start: number;
  readonly end: number;
}

/** Where the name stands, quoted or not, in any case of letters; `a.b.c` is five tokens. */
function placesOf(sql: string, name: string): Place[] {
  const tokens = tokenize(sql).filter(isSignificant);
  const places: Place[] = [];
  for (let i = 0; i < tokens.length; i += 1) {
    const last = lastOfName(sql, tokens, i, name);
    const [first, end] = [tokens[i], tokens[last]];
    if (first === undefined || end === undefined) continue;
    places.push({ start: first.start, end: end.end });
    i = last;
  }
  return places;
}
