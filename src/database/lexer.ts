/**
 * SQLite's tokens, as far as parameters and the places of errors need them.
 * @module
 */

export interface Token {
  readonly text: string;
  /** In UTF-16 units. */
  readonly start: number;
}

/** In this order: what may hide a `?` or a quote comes before what it looks like. */
const TOKEN: RegExp = new RegExp(
  [
    String.raw`[ \t-\r]+`,
    String.raw`--[^\n]*`,
    String.raw`\/\*[^]*?(?:\*\/|$)`,
    String.raw`[xX]?'(?:[^']|'')*'?`,
    String.raw`"(?:[^"]|"")*"?`,
    "`(?:[^`]|``)*`?",
    String.raw`\[[^\]]*\]?`,
    String.raw`\?\d*`,
    String.raw`[:@$#](?:[\w$\u{80}-\u{10ffff}]|::)+(?:\([^ \t-\r)]*\))?`,
    String.raw`(?:\d+\.?\d*|\.\d+)(?:[eE][+\-]?\d+)?[\w$\u{80}-\u{10ffff}]*`,
    String.raw`[A-Za-z_\u{80}-\u{10ffff}][\w$\u{80}-\u{10ffff}]*`,
    "[^]",
  ].join("|"),
  "gu",
);

/** All tokens but white space and comments. */
export function tokens(sql: string): Token[] {
  const found: Token[] = [];
  for (const { 0: text, index } of sql.matchAll(TOKEN)) {
    if (/^(?:[ \t-\r]|--|\/\*)/.test(text)) continue;
    found.push({ text, start: index });
  }
  return found;
}

/** The parameters of a statement: how many, and the names of those that have one, by their number. */
export interface ParameterList {
  readonly count: number;
  readonly names: ReadonlyMap<number, string>;
}

const NONE: ParameterList = { count: 0, names: new Map() };

/** Numbers them as SQLite does: `?` is the next, `?7` is the seventh, a name keeps its number. */
export function parameters(sql: string): ParameterList {
  if (!/[?:@$]/.test(sql)) return NONE;
  const names = new Map<number, string>();
  const numbers = new Map<string, number>();
  let count = 0;
  for (const { text } of tokens(sql)) {
    if (text.startsWith("?")) {
      count = text === "?" ? count + 1 : Math.max(count, Number(text.slice(1)));
    } else if (/^[:@$]./.test(text) && !numbers.has(text)) {
      count += 1;
      numbers.set(text, count);
      names.set(count, text);
    }
  }
  return { count, names };
}
