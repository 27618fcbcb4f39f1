/** @module Finds the part of a statement that an error message of SQLite refers to, so that a caret can point at it. */
import { complaintOf, unframe, type Role } from "./complaint.ts";
import { sameIdentifier, unquoteIdentifier, upperCase } from "./quote.ts";
import { isSignificant, textOf, tokenize, type Token } from "./tokens.ts";

/** In UTF-16 units of the statement. Length 0 marks a place where something is missing. */
export interface Culprit {
  readonly start: number;
  readonly length: number;
}

/**
 * Finds the culprit. Returns null if the message names nothing that occurs in the statement.
 *
 * The result is exact if D1 gives an offset. For `near "X": syntax error` it is also exact with `refuses`, which
 * tells whether SQLite rejects a prefix of the statement with the same message. Once a prefix is rejected, every longer
 * one is, so a binary search needs few calls. Otherwise the result is the most likely place of the name, the first of equals.
 */
export function culprit(
  statement: string,
  message: string,
  refuses?: (prefix: string) => boolean,
): Culprit | null {
  const { text, offset } = unframe(message);
  const tokens = tokenize(statement).filter(isSignificant);
  const complaint = complaintOf(text);
  const exact = offset === null ? null : culpritAt(statement, message, unitAt(statement, offset));
  if (exact !== null) return exact;
  switch (complaint.about) {
    case "near":
      return between(nearest(statement, tokens, complaint.text, refuses));
    case "unrecognized":
      return between(
        tokens.find((token) => textOf(statement, token) === complaint.text) ??
          tokens.find((token) => token.kind === "illegal"),
      );
    case "end":
      return { start: tokens.at(-1)?.end ?? 0, length: 0 };
    case "name":
      for (const name of complaint.names) {
        const found = likeliest(statement, tokens, name, complaint.role);
        if (found !== null) return found;
      }
      break;
    case "nothing":
      break;
  }
  return null;
}

/**
 * Finds the culprit at an offset that SQLite reports. Returns null if the text at the offset does not match the message.
 * The offset then refers to another text, such as a statement that ALTER TABLE generates internally.
 */
export function culpritAt(statement: string, message: string, at: number): Culprit | null {
  const tokens = tokenize(statement).filter(isSignificant);
  const index = tokens.findIndex((token) => token.start <= at && at < token.end);
  const token = tokens[index];
  const complaint = complaintOf(unframe(message).text);
  if (complaint.about === "end") return { start: tokens.at(-1)?.end ?? 0, length: 0 };
  if (token === undefined) return null;
  switch (complaint.about) {
    case "near":
    case "unrecognized":
      return textOf(statement, token).startsWith(complaint.text) ? between(token) : null;
    case "name": {
      const ends = complaint.names.map((name) => lastOfName(statement, tokens, index, name));
      const last = Math.max(...ends);
      return last < 0 ? null : between(token, tokens[last]);
    }
    case "nothing":
      return between(token);
  }
}

function between(first: Token | undefined, last: Token | undefined = first): Culprit | null {
  if (first === undefined || last === undefined) return null;
  return { start: first.start, length: last.end - first.start };
}

/** Converts a UTF-8 byte offset into UTF-16 units; -1 past the end. SQLite gets a lone surrogate as U+FFFD: three bytes. */
function unitAt(text: string, bytes: number): number {
  let left = bytes;
  let at = 0;
  while (left > 0 && at < text.length) {
    const point = text.codePointAt(at) ?? 0;
    left -= point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    at += point < 0x10000 ? 1 : 2;
  }
  return left === 0 ? at : -1;
}

function nearest(
  statement: string,
  tokens: readonly Token[],
  text: string,
  refuses: ((prefix: string) => boolean) | undefined,
): Token | undefined {
  const places = tokens.filter((token) => textOf(statement, token) === text);
  if (refuses === undefined) return places[0];
  let low = 0;
  for (let high = places.length; low < high;) {
    const middle = (low + high) >> 1;
    if (refuses(statement.slice(0, places[middle]?.end))) high = middle;
    else low = middle + 1;
  }
  return places[low];
}

/** Words that precede a table's name. */
const BEFORE_TABLE: ReadonlySet<string> = new Set(
  "FROM JOIN INTO UPDATE TABLE VIEW EXISTS ON REFERENCES TO".split(" "),
);

function likeliest(
  statement: string,
  tokens: readonly Token[],
  name: string,
  role: Role,
): Culprit | null {
  let best: Culprit | null = null;
  let least = Infinity;
  for (const [index, token] of tokens.entries()) {
    const last = lastOfName(statement, tokens, index, name);
    if (last < 0) continue;
    const before = upperCase(textOf(statement, tokens[index - 1]));
    const after = textOf(statement, tokens[last + 1]);
    const doubt = doubts(token, before, after, role);
    if (doubt >= least) continue;
    least = doubt;
    best = between(token, tokens[last]);
  }
  return best;
}

/** A penalty: the higher, the less likely this place names an object of that role. */
function doubts(token: Token, before: string, after: string, role: Role): number {
  const partOfAnother = before === "." || after === ".";
  const asTable = BEFORE_TABLE.has(before);
  const inRole =
    role === "any" || (role === "function" ? after === "(" : asTable === (role === "table"));
  return (token.kind === "string" ? 4 : 0) + (partOfAnother ? 2 : 0) + (inRole ? 0 : 1);
}

/** The index of the last token of `name`, if it starts at `index`: `t.x` spans three tokens. Otherwise -1. */
export function lastOfName(
  statement: string,
  tokens: readonly Token[],
  index: number,
  name: string,
): number {
  let joined = "";
  for (let at = index; at < index + 7; at += 2) {
    const token = tokens[at];
    if (token === undefined || !["word", "quoted", "string"].includes(token.kind)) return -1;
    joined += unquoteIdentifier(textOf(statement, token));
    if (sameIdentifier(joined, name)) return at;
    if (textOf(statement, tokens[at + 1]) !== ".") return -1;
    joined += ".";
  }
  return -1;
}
