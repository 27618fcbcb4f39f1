/** Compares d1ops with SQLite on random texts. */
import { DatabaseSync } from "node:sqlite";
import { complete, cuts, split } from "../../src/sql/split.ts";
import { tokenize } from "../../src/sql/tokens.ts";
import { random, randomFragments, randomTokenText } from "./random.ts";
import { SCHEMA, script } from "./scripts.ts";
import { execute, prepare, sqliteComplete } from "./sqlite.ts";

/** Counts of comparisons, so that a test can check that it compared enough. */
export interface Tally {
  inputs: number;
  different: number;
  comparisons: number;
  /** Complete texts, cuts inside texts, statements found: evidence that the inputs are worth comparing. */
  interesting: number;
}

class Disagreement extends Error {
  constructor(input: string, sqlite: unknown, ours: unknown) {
    super(
      `${JSON.stringify(input)}\n  SQLite: ${JSON.stringify(sqlite)}\n  we:     ${JSON.stringify(ours)}`,
    );
  }
}

function agree(input: string, sqlite: unknown, ours: unknown): void {
  if (JSON.stringify(sqlite) !== JSON.stringify(ours)) throw new Disagreement(input, sqlite, ours);
}

/** Compares `complete` and `cuts` with `sqlite3_complete()`, called after every `;` that it can see. */
export function compareCuts(seed: number, inputs: number): Tally {
  const from = random(seed);
  const seen = new Set<string>();
  const tally: Tally = { inputs, different: 0, comparisons: 0, interesting: 0 };
  for (let index = 0; index < inputs; index += 1) {
    const sql = randomFragments(from, 24);
    if (seen.size < 1_000_000) seen.add(sql);
    tally.comparisons += compareText(sql);
    if (cuts(sql).length !== countOf(sql, ";")) tally.interesting += 1;
  }
  tally.different = seen.size;
  return tally;
}

/** Compares one text and returns the number of calls to SQLite. */
export function compareText(sql: string): number {
  agree(sql, sqliteComplete(sql), complete(sql));
  const nul = sql.indexOf("\0");
  const visible = nul < 0 ? sql.length : nul;
  const expected: number[] = [];
  let asked = 1;
  for (let at = sql.indexOf(";"); at >= 0 && at < visible; at = sql.indexOf(";", at + 1)) {
    asked += 1;
    if (sqliteComplete(sql.slice(0, at + 1))) expected.push(at + 1);
  }
  agree(sql, expected, cuts(sql));
  return asked;
}

function countOf(text: string, what: string): number {
  return text.split(what).length - 1;
}

/** Only the end may follow this statement, so SQLite's error names the next token, whatever it is. */
const NOTHING_FITS = "ROLLBACK TO SAVEPOINT a/**/";

/** Compares every token with the one that SQLite's parser rejects. */
export function compareTokens(seed: number, inputs: number): Tally {
  const from = random(seed);
  const seen = new Set<string>();
  const tally: Tally = { inputs, different: 0, comparisons: 0, interesting: 0 };
  for (let index = 0; index < inputs; index += 1) {
    const sql = randomTokenText(from, 12);
    seen.add(sql);
    tally.comparisons += compareTokensOf(sql);
  }
  tally.different = seen.size;
  tally.interesting = tally.comparisons;
  return tally;
}

/** Compares one text, starting at each of its tokens. */
export function compareTokensOf(sql: string): number {
  const tokens = tokenize(sql);
  agree(sql, sql, tokens.map((token) => sql.slice(token.start, token.end)).join(""));
  const nul = sql.indexOf("\0");
  let next: string | null = null;
  let compared = 0;
  for (const token of tokens.toReversed()) {
    if (token.start === nul) continue;
    if (token.kind === "semicolon") next = null;
    else if (token.kind !== "space" && token.kind !== "comment") {
      const text = sql.slice(token.start, token.end).toWellFormed();
      next =
        token.kind === "illegal" ? `unrecognized token: "${text}"` : `near "${text}": syntax error`;
    }
    const said = prepare(NOTHING_FITS + sql.slice(token.start)).error;
    agree(
      sql.slice(token.start),
      said?.startsWith("no such savepoint") === true ? null : said,
      next,
    );
    compared += 1;
  }
  return compared;
}

/** Compares `split` with the statements as generated, and with those that two versions of SQLite take one by one. */
export function compareScripts(seed: number, inputs: number): Tally {
  const from = random(seed);
  const node = new DatabaseSync(":memory:");
  node.exec(SCHEMA);
  execute(SCHEMA);
  const seen = new Set<string>();
  const tally: Tally = { inputs, different: 0, comparisons: 0, interesting: 0 };
  for (let index = 0; index < inputs; index += 1) {
    const { sql, statements } = script(from, 6);
    seen.add(sql);
    const ours = split(sql).map((statement) => statement.text);
    agree(sql, statements, ours);
    agree(sql, consumed(sql), ours);
    agree(sql, consumedByNode(sql, node), ours);
    tally.interesting += ours.length;
    tally.comparisons += 3;
  }
  tally.different = seen.size;
  return tally;
}

/** Returns the statements that SQLite takes from a text, without the white space and comments around them. */
function consumed(sql: string): string[] {
  const found: string[] = [];
  for (let rest = sql; rest !== "";) {
    const { statement, error, tail } = prepare(rest);
    if (error !== null || tail === null) throw new Error(`${error}: ${rest}`);
    if (statement) found.push(bare(rest.slice(0, rest.length - tail.length)));
    rest = tail;
  }
  return found;
}

function consumedByNode(sql: string, node: DatabaseSync): string[] {
  const found: string[] = [];
  let rest = sql;
  while (bare(rest) !== "") {
    const text = node.prepare(rest).sourceSQL;
    found.push(bare(text));
    rest = rest.slice(text.length);
  }
  return found;
}

/**
 * Removes the white space and comments around a statement, and the empty statements that SQLite takes with it.
 * It uses the tokens, which another test compares with SQLite, and not the cuts.
 */
function bare(sql: string): string {
  const tokens = tokenize(sql).filter(({ kind }) => kind !== "space" && kind !== "comment");
  const first = tokens.find(({ kind }) => kind !== "semicolon");
  return first === undefined ? "" : sql.slice(first.start, tokens.at(-1)?.end);
}
