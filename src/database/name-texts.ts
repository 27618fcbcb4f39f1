/**
 * Which of a statement's names in double quotes are texts, found by asking SQLite about variations of the statement.
 * @module
 */
import type { DoubleQuoted } from "../sql/double-quoted.ts";
import { quoteString } from "../sql/quote.ts";

/** Names of one statement. More are not looked for: each costs a few compilations. */
const NAMES_AT_MOST = 20;
/** Places with the same name that are tried. */
const PLACES_AT_MOST = 64;
/** Places of one statement that are found one by one. */
const ROUNDS_AT_MOST = 200;

const NO_COLUMN =
  /^(?:error in .+?: )?no such column: "(.*)" - should this be a string literal in single-quotes\?$/s;

export interface TextsRequest {
  readonly statement: string;
  readonly quoted: readonly DoubleQuoted[];
  /** What SQLite complains of, which takes no texts in double quotes. */
  readonly probe: (sql: string) => string | null;
  /** The statement will be carried out, so that no name of a column may become a text. */
  readonly exact: boolean;
}

export interface Texts {
  /** Each name once, where it first is a text. */
  readonly found: readonly DoubleQuoted[];
  /** The statement with single quotes around them. */
  readonly rest: string;
}

export function textsIn({ statement, quoted, probe, exact }: TextsRequest): Texts {
  const found = new Map<string, DoubleQuoted>();
  const written = new Set<DoubleQuoted>();
  const missingWith = (singled: Iterable<DoubleQuoted>): string | null =>
    missingIn(probe(withTexts(statement, singled)));
  for (let round = 0; ; round += 1) {
    const rest = withTexts(statement, written);
    const complaint = probe(rest);
    const name = missingIn(complaint);
    if (name === null) {
      // D1 refuses it for something else.
      if (complaint !== null && !exact) return { found: [], rest };
      return { found: firstPlaces(found, quoted, written, missingWith), rest };
    }
    const places = quoted.filter((one) => one.name === name && !written.has(one));
    const enough = found.size === NAMES_AT_MOST || round === ROUNDS_AT_MOST;
    const culprit = enough ? undefined : findCulprit(places, written, missingWith);
    if (culprit === undefined) return { found: inOrder(found.values()), rest };
    if (!found.has(name)) found.set(name, culprit);
    for (const place of exact ? [culprit] : places) written.add(place);
  }
}

/** The place that SQLite complains of: it still does when all other places with this name are texts. */
function findCulprit(
  places: readonly DoubleQuoted[],
  written: ReadonlySet<DoubleQuoted>,
  missingWith: (singled: Iterable<DoubleQuoted>) => string | null,
): DoubleQuoted | undefined {
  // SQLite begins with the last row of VALUES.
  const tried = [...places.slice(-1), ...places.slice(0, -1)].slice(0, PLACES_AT_MOST);
  return tried.find((one) => {
    if (places.length === 1) return true;
    const others = places.filter((other) => other !== one);
    return missingWith([...written, ...others]) === one.name;
  });
}

/** For each name the first place that is a text. All others are written as texts, so that SQLite speaks of this one. */
function firstPlaces(
  found: ReadonlyMap<string, DoubleQuoted>,
  quoted: readonly DoubleQuoted[],
  written: ReadonlySet<DoubleQuoted>,
  missingWith: (singled: Iterable<DoubleQuoted>) => string | null,
): DoubleQuoted[] {
  const first = [...found].map(([name, culprit]) => {
    const before = quoted.filter(
      (one) => one.name === name && one.start < culprit.start && written.has(one),
    );
    return (
      before
        .slice(0, PLACES_AT_MOST)
        .find((one) => missingWith([...written].filter((other) => other !== one)) === name) ??
      culprit
    );
  });
  return inOrder(first);
}

function missingIn(complaint: string | null): string | null {
  return NO_COLUMN.exec(complaint ?? "")?.[1] ?? null;
}

function inOrder(places: Iterable<DoubleQuoted>): DoubleQuoted[] {
  return [...places].toSorted((one, other) => one.start - other.start);
}

/** Single quotes around these. */
function withTexts(statement: string, places: Iterable<DoubleQuoted>): string {
  let text = "";
  let at = 0;
  for (const { name, start, end } of inOrder(places)) {
    text += statement.slice(at, start) + quoteString(name);
    at = end;
  }
  return text + statement.slice(at);
}
