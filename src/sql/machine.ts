/**
 * The state machine that decides whether a `;` ends a statement or is inside a trigger. It has the same states as the one
 * behind `sqlite3_complete()`. It distinguishes eight kinds of input and needs no grammar: after
 * CREATE [TEMP] TRIGGER, only `; END ;` ends the statement.
 * @module
 */

/** The inputs of the machine. A comment is `space`; a token without a role of its own is `other`. */
export type Input =
  | "semicolon"
  | "space"
  | "other"
  | "explain"
  | "create"
  | "temp"
  | "trigger"
  | "end";

/**
 * - `empty`: nothing read yet.
 * - `start`: between statements.
 * - `trigger`: in a trigger, up to its next `;`.
 * - `semicolon`: directly after a `;` in a trigger.
 * - `end`: after `; END` in a trigger, so that a `;` closes it.
 */
export type State =
  | "empty"
  | "start"
  | "normal"
  | "explain"
  | "create"
  | "trigger"
  | "semicolon"
  | "end";

type Row = { readonly [I in Input]?: State } & { readonly otherwise: State };

const NEXT: { readonly [S in State]: Row } = {
  empty: { semicolon: "start", explain: "explain", create: "create", otherwise: "normal" },
  start: { semicolon: "start", explain: "explain", create: "create", otherwise: "normal" },
  normal: { semicolon: "start", otherwise: "normal" },
  // In EXPLAIN QUERY PLAN CREATE TRIGGER, the words in between do not matter.
  explain: { semicolon: "start", create: "create", other: "explain", otherwise: "normal" },
  create: { semicolon: "start", temp: "create", trigger: "trigger", otherwise: "normal" },
  trigger: { semicolon: "semicolon", otherwise: "trigger" },
  semicolon: { semicolon: "semicolon", end: "end", otherwise: "trigger" },
  end: { semicolon: "start", otherwise: "trigger" },
};

/** Returns the state after one more input. In state `start`, everything read so far is complete. */
export function step(state: State, input: Input): State {
  if (input === "space") return state;
  return NEXT[state][input] ?? NEXT[state].otherwise;
}

/** Returns true inside CREATE TRIGGER and before its END: only that END can end the statement. */
export function isInTrigger(state: State): boolean {
  return state === "trigger" || state === "semicolon";
}

const WORDS: ReadonlyMap<string, Input> = new Map<string, Input>([
  ["end", "end"],
  ["temp", "temp"],
  ["create", "create"],
  ["trigger", "trigger"],
  ["explain", "explain"],
  ["temporary", "temp"],
]);

/** Classifies the word from `start` to `end`, ignoring case. It does not copy words that are too long to match. */
export function inputOfWord(sql: string, start: number, end: number): Input {
  return end - start > 9 ? "other" : (WORDS.get(sql.slice(start, end).toLowerCase()) ?? "other");
}
