/**
 * Finds the position of an error in a statement. SQLite knows it (`sqlite3_error_offset`) and D1 reports it, but
 * `node:sqlite` does not. So d1ops lets SQLite compile variations of the text, and compares its messages.
 * @module
 */
import { complaintOf } from "../sql/complaint.ts";
import { culprit, lastOfName } from "../sql/culprit.ts";
import { upperCase } from "../sql/quote.ts";
import { isSignificant, type Token, tokenize } from "../sql/tokens.ts";

/** SQLite's message when it compiles a text, or null if it succeeds. */
export type CompileError = (sql: string) => string | null;

/** The position of the error in UTF-16 units of `sql`; null if the message names nothing in this text, as with an error inside a view. */
export function placeOf(sql: string, message: string, compileError: CompileError): number | null {
  const complaint = complaintOf(message);
  switch (complaint.about) {
    case "near":
    case "unrecognized":
      return (
        culprit(sql, message, (beginning) => compileError(beginning) === message)?.start ?? null
      );
    case "end":
      return culprit(sql, message)?.start ?? null;
    case "name":
      for (const name of complaint.names) {
        const place = named(sql, name, compileError);
        if (place !== null) return complaint.role === "column" ? beginningOf(sql, place) : place;
      }
      return null;
    case "nothing":
      return null;
  }
}

/** In bytes from the start of `sql`; null if D1 reports no offset, or the place is unknown. `place` comes from {@link placeOf}. */
export function offsetOf(sql: string, message: string, place: number | null): number | null {
  if (place === null) return withinAlter(message);
  if (!WITH_OFFSET.some((pattern) => pattern.test(message))) return null;
  return Buffer.byteLength(sql.slice(0, place));
}

/** ALTER TABLE generates statements, always in the same way, and the offset refers to those. */
function withinAlter(message: string): number | null {
  if (message.endsWith(" function: sqlite_fail")) return 7;
  if (message.endsWith(" function: sqlite_drop_constraint")) return 38;
  return null;
}

/** The errors for which SQLite records a place. */
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
 * SQLite repeats a name as the failing place spells it, and ignores letter case. So d1ops spells each place of that name
 * in upper or lower case, and the message shows which place failed. Each compilation finds one binary digit of its index.
 */
function named(sql: string, name: string, compileError: CompileError): number | null {
  const places = placesOf(sql, name);
  const [only] = places;
  if (!/[a-z]/i.test(name)) {
    return only !== undefined && places.length === 1 && isNamed(sql, only, compileError)
      ? only.start
      : null;
  }
  let index = 0;
  for (let bit = 1; bit < Math.max(places.length, 2); bit *= 2) {
    const message = compileError(spelled(sql, places, (i) => (i & bit) !== 0));
    const spelling = message === null ? null : spellingIn(message, name);
    if (spelling === null) return null;
    if (spelling === "upper") index += bit;
  }
  return places[index]?.start ?? null;
}

/** For `main.t.x` the message says `t.x`, but SQLite's offset is that of `main`. */
function beginningOf(sql: string, place: number): number {
  const before = tokenize(sql).filter((token) => isSignificant(token) && token.start < place);
  let start = place;
  while (before.length >= 2 && sql.slice(before.at(-1)?.start, before.at(-1)?.end) === ".") {
    before.pop();
    start = before.pop()?.start ?? start;
  }
  return start;
}

/** A name without letters has only one spelling, so d1ops replaces it by another name. */
function isNamed(sql: string, { start, end }: Place, compileError: CompileError): boolean {
  const message = compileError(`${sql.slice(0, start)}${UNKNOWN}${sql.slice(end)}`);
  const complaint = complaintOf(message ?? "");
  return complaint.about === "name" && complaint.names.includes(UNKNOWN);
}

const UNKNOWN = "nowhere_to_be_found";

/** How the message spells the name; null if the name is missing or in mixed case. */
function spellingIn(message: string, name: string): "upper" | "lower" | null {
  const complaint = complaintOf(message);
  if (complaint.about !== "name") return null;
  const spelling = complaint.names.find((one) => upperCase(one) === upperCase(name));
  if (spelling === undefined) return null;
  const upper = upperCase(spelling);
  if (upper === lowerCase(spelling)) return null;
  return spelling === upper ? "upper" : spelling === lowerCase(spelling) ? "lower" : null;
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

/** Converts only A to Z, as SQLite does. */
function lowerCase(text: string): string {
  return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

type Place = Pick<Token, "start" | "end">;

/** All places of the name, quoted or not, in any letter case; `a.b.c` is five tokens. */
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
