import { expect, test } from "vitest";
import {
  compareCuts,
  compareScripts,
  compareText,
  compareTokens,
  compareTokensOf,
} from "./differential.ts";

const MINUTES = 60_000;
/** A new seed for each run. It is printed, so that `D1OPS_SEED=… vitest run` repeats a failure. */
const SEED = Number(process.env["D1OPS_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
process.stdout.write(`test/sql: seed ${SEED}\n`);

test(
  `complete and cuts agree with sqlite3_complete() on 2,000,000 random texts, seed ${SEED}`,
  { timeout: 20 * MINUTES },
  () => {
    const tally = compareCuts(SEED, 2_000_000);
    process.stdout.write(`cuts: ${JSON.stringify(tally)}\n`);
    expect(tally.interesting).toBeGreaterThan(1_000_000);
  },
);

test(
  `tokenize agrees with SQLite on 200,000 random texts, seed ${SEED}`,
  { timeout: 20 * MINUTES },
  () => {
    const tally = compareTokens(SEED, 200_000);
    process.stdout.write(`tokens: ${JSON.stringify(tally)}\n`);
    expect(tally.comparisons).toBeGreaterThan(800_000);
  },
);

test(
  `split agrees with two versions of SQLite on 50,000 random valid files, seed ${SEED}`,
  { timeout: 20 * MINUTES },
  () => {
    const tally = compareScripts(SEED, 50_000);
    process.stdout.write(`scripts: ${JSON.stringify(tally)}\n`);
    expect(tally.interesting).toBeGreaterThan(150_000);
  },
);

/**
 * Every text of up to `length` of these pieces, the shortest first.
 * @yields {string} The next one.
 */
function* every(pieces: readonly string[], length: number): Generator<string> {
  let texts = [""];
  for (let size = 1; size <= length; size += 1) {
    texts = texts.flatMap((text) => pieces.map((piece) => text + piece));
    yield* texts;
  }
}

test(
  "complete and cuts agree with sqlite3_complete() on all texts of up to five characters that quote, comment or cut",
  { timeout: 20 * MINUTES },
  () => {
    const signs = ["'", '"', "`", "[", "]", "/", "*", "-", "\n", ";", " ", "a", "\0", "\uFEFF"];
    let count = 0;
    for (const sql of every(signs, 5)) {
      compareText(sql);
      count += 1;
    }
    expect(count).toBe(579_194);
  },
);

test(
  "complete and cuts agree with sqlite3_complete() on all texts of up to seven words of the state machine",
  { timeout: 20 * MINUTES },
  () => {
    const words = ["create ", "temp ", "trigger ", "explain ", "end ", "x ", ";"];
    let count = 0;
    for (const sql of every(words, 7)) {
      compareText(sql);
      count += 1;
    }
    expect(count).toBe(960_799);
  },
);

test(
  "tokenize agrees with SQLite on all tokens of up to three characters",
  { timeout: 20 * MINUTES },
  () => {
    const signs = " \n\v\t'\"`[]/*-+=<>!|&~%,.;:?$@#()0123xXeEaf_\\^{\u007F\u0080\uFEFFé\0".split(
      "",
    );
    let count = 0;
    for (const sql of every(signs, 3)) {
      compareTokensOf(sql);
      count += 1;
    }
    expect(count).toBe(signs.length + signs.length ** 2 + signs.length ** 3);
  },
);
