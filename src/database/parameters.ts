/** @module Lists the parameters of a statement. */
import { tokenAt } from "../sql/tokens.ts";

/** The number of parameters, and the names of the named ones by their number. */
export interface ParameterList {
  readonly count: number;
  readonly names: ReadonlyMap<number, string>;
}

const NONE: ParameterList = { count: 0, names: new Map() };

/** Texts that a caller sends again and again, such as those that write the ledger. */
const KNOWN = 20;
const known = new Map<string, ParameterList>();

/** Numbers the parameters as SQLite does: `?` is the next, `?7` is the seventh, a repeated name keeps its number. */
export function parameters(sql: string): ParameterList {
  if (!/[?:@$#]/.test(sql)) return NONE;
  const found = known.get(sql);
  if (found !== undefined) return found;
  const list = number(sql);
  if (known.size >= KNOWN) known.clear();
  known.set(sql, list);
  return list;
}

function number(sql: string): ParameterList {
  const names = new Map<number, string>();
  const numbers = new Map<string, number>();
  let count = 0;
  for (const text of variables(sql)) {
    if (text.startsWith("?")) {
      count = text === "?" ? count + 1 : Math.max(count, Number(text.slice(1)));
    } else if (!numbers.has(text)) {
      count += 1;
      numbers.set(text, count);
      names.set(count, text);
    }
  }
  return { count, names };
}

/**
 * Where a parameter starts, or a token that may contain the sign of one. A `$` inside a name does not start one. A byte order mark is
 * part of a name, or a space if no name is before it.
 */
const START = /['"`[?:@#]|--|\/\*|(?<![\w$\u0080-\uFEFE\uFF00-\uFFFF]\uFEFF*)\$/g;

/**
 * Skips the tokens in between. Each window of a backfill is new text: if this function read every token, it would become so hot
 * that V8 loads its optimizing compiler, which takes 8 MB.
 * @yields {string} The next parameter, as it is written.
 */
function* variables(sql: string): Generator<string, void, undefined> {
  const nul = sql.indexOf("\0");
  const text = nul < 0 ? sql : sql.slice(0, nul);
  for (let at = 0; ;) {
    START.lastIndex = at;
    const found = START.exec(text);
    if (found === null) return;
    const { kind, start, end } = tokenAt(text, found.index);
    if (kind === "variable") yield text.slice(start, end);
    at = end;
  }
}
