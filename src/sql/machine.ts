/**
 * When does a `;` end a statement, and when is it inside a trigger? SQLite answers with a small state machine
 * behind `sqlite3_complete()`; this is one with the same states. It knows eight kinds of input, forgets everything
 * else, and needs no grammar: once it has seen CREATE [TEMP] TRIGGER, only `; END ;` ends the statement.
 * @module
 */

/** What the machine tells apart. Comments are `space`; everything without a role of its own is `other`. */
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
 * `empty`: nothing read yet. `start`: between statements. `trigger`: in a trigger, up to its next `;`.
 * `semicolon`: just after a `;` in a trigger. `end`: after `; END` in a trigger, so that a `;` closes it.
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
  // EXPLAIN QUERY PLAN CREATE TRIGGER: words in between do not matter.
  explain: { semicolon: "start", create: "create", other: "explain", otherwise: "normal" },
  create: { semicolon: "start", temp: "create", trigger: "trigger", otherwise: "normal" },
  trigger: { semicolon: "semicolon", otherwise: "trigger" },
  semicolon: { semicolon: "semicolon", end: "end", otherwise: "trigger" },
  end: { semicolon: "start", otherwise: "trigger" },
};

/** The state after one more input. In state `start` all that was read is complete. */
export function step(state: State, input: Input): State {
  if (input === "space") return state;
  return NEXT[state][input] ?? NEXT[state].otherwise;
}

/** Inside CREATE TRIGGER and before its END: nothing but that END can end the statement. */
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

/** The input that the word from `start` to `end` is, in any case. Long words are not even copied. */
export function inputOfWord(sql: string, start: number, end: number): Input {
  return end - start > 9 ? "other" : (WORDS.get(sql.slice(start, end).toLowerCase()) ?? "other");
}
