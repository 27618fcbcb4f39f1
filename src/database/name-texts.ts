/** @module Finds which of a statement's names in double quotes are texts, by letting SQLite compile variations of the statement. */
import type { DoubleQuoted } from "../sql/double-quoted.ts";
import { quoteString } from "../sql/quote.ts";

/** Names per statement. Each costs a few compilations, so d1ops finds no more. */
const MAX_NAMES = 20;
/** Places with the same name that d1ops tries. */
const MAX_PLACES = 64;
/** Places of one statement that d1ops finds one by one. */
const MAX_ROUNDS = 200;

const NO_COLUMN =
  /^(?:error in .+?: )?no such column: "(.*)" - should this be a string literal in single-quotes\?$/s;

export interface TextsRequest {
  readonly statement: string;
  readonly quoted: readonly DoubleQuoted[];
  /** Returns SQLite's error for a statement, with texts in double quotes forbidden; null if it compiles. */
  readonly probe: (sql: string) => string | null;
  /** The result will be run, so no column name may become a text. */
  readonly exact: boolean;
}

export interface Texts {
  /** Each name once, at its first place as a text. */
  readonly found: readonly DoubleQuoted[];
  /** The statement with single quotes around them. */
  readonly rest: string;
}

export function textsIn({ statement, quoted, probe, exact }: TextsRequest): Texts {
  const found = new Map<string, DoubleQuoted>();
  const written = new Set<DoubleQuoted>();
  const missingWith = (singled: Iterable<DoubleQuoted>): string | null =>
    unknownNameIn(probe(withTexts(statement, singled)));
  for (let round = 0; ; round += 1) {
    const rest = withTexts(statement, written);
    const message = probe(rest);
    const name = unknownNameIn(message);
    if (name === null) {
      // D1 rejects the statement for another reason.
      if (message !== null && !exact) return { found: [], rest };
      return { found: firstPlaces(found, quoted, written, missingWith), rest };
    }
    const places = quoted.filter((one) => one.name === name && !written.has(one));
    const enough = found.size === MAX_NAMES || round === MAX_ROUNDS;
    const culprit = enough ? undefined : findCulprit(places, written, missingWith);
    if (culprit === undefined) return { found: inOrder(found.values()), rest };
    if (!found.has(name)) found.set(name, culprit);
    for (const place of exact ? [culprit] : places) written.add(place);
  }
}

/** The place that SQLite's error means: the error persists when all other places with this name are texts. */
function findCulprit(
  places: readonly DoubleQuoted[],
  written: ReadonlySet<DoubleQuoted>,
  missingWith: (singled: Iterable<DoubleQuoted>) => string | null,
): DoubleQuoted | undefined {
  // SQLite compiles the last row of VALUES first.
  const tried = [...places.slice(-1), ...places.slice(0, -1)].slice(0, MAX_PLACES);
  return tried.find((one) => {
    if (places.length === 1) return true;
    const others = places.filter((other) => other !== one);
    return missingWith([...written, ...others]) === one.name;
  });
}

/** The first place of each name that is a text. All other places are written as texts, so SQLite's error can only mean this one. */
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
        .slice(0, MAX_PLACES)
        .find((one) => missingWith([...written].filter((other) => other !== one)) === name) ??
      culprit
    );
  });
  return inOrder(first);
}

/** The name in double quotes that no column has. `failure/kind.ts` reads the messages about other missing objects. */
function unknownNameIn(message: string | null): string | null {
  return NO_COLUMN.exec(message ?? "")?.[1] ?? null;
}

function inOrder(places: Iterable<DoubleQuoted>): DoubleQuoted[] {
  return [...places].toSorted((one, other) => one.start - other.start);
}

/** Writes these places in single quotes. */
function withTexts(statement: string, places: Iterable<DoubleQuoted>): string {
  let text = "";
  let at = 0;
  for (const { name, start, end } of inOrder(places)) {
    text += statement.slice(at, start) + quoteString(name);
    at = end;
  }
  return text + statement.slice(at);
}
