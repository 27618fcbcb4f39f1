/** Random texts. The same seed gives the same texts. */

export interface Random {
  /** An integer from 0 to `limit` - 1. */
  below(limit: number): number;
  of<T>(items: readonly T[]): T;
}

/** Marsaglia's 32-bit xorshift, with its seed mixed first. */
export function random(seed: number): Random {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) | 1;
  const below = (limit: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.floor(((state >>> 0) / 2 ** 32) * limit);
  };
  return {
    below,
    of(items) {
      const item = items[below(items.length)];
      if (item === undefined) throw new Error("nothing to choose from");
      return item;
    },
  };
}

const KEYWORDS = [
  "create",
  "CREATE",
  "Create",
  "temp",
  "TEMP",
  "temporary",
  "TEMPORARY",
  "trigger",
  "TRIGGER",
  "explain",
  "EXPLAIN",
  "end",
  "END",
  "End",
  "begin",
  "BEGIN",
  "case",
  "CASE",
  "query plan",
  "if not exists",
  "select 1",
  "table",
];
const ALMOST = [
  "creat",
  "creates",
  "create1",
  "_create",
  "$create",
  "create$",
  "temp_",
  "tem",
  "trigge",
  "triggers",
  "ends",
  "en",
  "end1",
  "$end",
  "@end",
  ":end",
  "explai",
  "explained",
  "1end",
  "x1create",
  "éend",
  "endé",
  "trİgger",
  "__proto__",
  "ſelect",
];
const QUOTES = [
  "'",
  '"',
  "`",
  "[",
  "]",
  "''",
  '""',
  "``",
  "'a;b'",
  '"a;b"',
  "`a;b`",
  "[a;b]",
  "x'00'",
  "x'0'",
  "X'",
  "'it''s;'",
];
const COMMENTS = [
  "--",
  "-- c ;\n",
  "-- c ' ;\r\n",
  "--\n",
  "/*",
  "*/",
  "/**/",
  "/* ; */",
  "/* ' */",
  "/*/",
  "/* /* */",
  "--> statement-breakpoint\n",
];
const SPACES = [" ", " ", " ", "\n", "\n", "\r\n", "\r", "\t", "\f", "  "];
const ODD = [
  "\v",
  "\uFEFF",
  "\u00A0",
  "é",
  "😀",
  "\uD83D",
  "\uDE00",
  "\u2028",
  "\0",
  "\u007F",
  "\\",
  "^",
  "{",
  "\u0001",
];
const SIGNS = [
  "-",
  "/",
  "*",
  "+",
  "(",
  ")",
  ",",
  ".",
  "=",
  "==",
  "<",
  "<=",
  "<>",
  "<<",
  ">",
  ">=",
  ">>",
  "!",
  "!=",
  "|",
  "||",
  "&",
  "~",
  "%",
  "->",
  "->>",
  "$",
  "@",
  ":",
  "::",
  "#",
  "?",
  "?1",
  "$a",
  "$a(b)",
  "$a(;)",
  "$a::b(c d)",
  ":a",
  "@a::",
  "#1",
];
const NUMBERS = [
  "0",
  "1",
  "12",
  "1_000",
  "1__0",
  "_1",
  "1.5",
  ".5",
  "1.",
  "1e5",
  "1e+5",
  "1e",
  "1e-",
  "0x1F",
  "0x",
  "0xg",
  "0x1_f",
  "1a",
  "1.e3",
  "1.5e3x",
];
const WHOLE = [
  "SELECT 1;",
  "create trigger t after insert on x begin select 1; end;",
  "CREATE TEMP TRIGGER t AFTER INSERT ON x BEGIN SELECT CASE WHEN 1 THEN 2 END; END;",
  "explain create trigger t begin; end;",
  "CREATE TABLE trigger(a);",
];

/** Long sequences that random choice seldom produces: into a trigger, and out of it. */
const TRIGGERS = [
  "create trigger ",
  "CREATE TEMP TRIGGER ",
  "explain create temporary trigger ",
  "; end;",
  ";; END ;",
  ";/**/end--\n;",
  "; end x;",
  ";end;end;",
];

/** The fragments of a text, repeated by how often they occur. */
const SOUP: readonly (readonly [number, readonly string[]])[] = [
  [14, KEYWORDS],
  [3, ALMOST],
  [14, [";"]],
  [8, QUOTES],
  [6, COMMENTS],
  [22, SPACES],
  [2, ODD],
  [3, SIGNS],
  [2, NUMBERS],
  [1, WHOLE],
  [8, TRIGGERS],
];
const BAG = SOUP.flatMap(([weight, fragments]) => Array.from({ length: weight }, () => fragments));

/** Returns random fragments of SQL, mostly those that matter to `sqlite3_complete()`. */
export function randomFragments(from: Random, most: number): string {
  let text = "";
  for (let left = 1 + from.below(most); left > 0; left -= 1) text += from.of(from.of(BAG));
  return text;
}

const EVERY_TOKEN = [
  KEYWORDS,
  ALMOST,
  QUOTES,
  COMMENTS,
  SPACES,
  ODD,
  SIGNS,
  SIGNS,
  NUMBERS,
  NUMBERS,
  [";"],
];

/** Like {@link soup}, but every kind of token is equally likely. */
export function randomTokenText(from: Random, most: number): string {
  let text = "";
  for (let left = 1 + from.below(most); left > 0; left -= 1) text += from.of(from.of(EVERY_TOKEN));
  return text;
}
