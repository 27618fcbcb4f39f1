import { expect, test } from "vitest";
import {
  compareCuts,
  compareScripts,
  compareText,
  compareTokens,
  compareTokensOf,
} from "./differential.ts";

const MINUTES = 60_000;
/** Another one on each run, and printed, so that a failure can be had again: `D1OPS_SEED=… vitest run`. */
const SEED = Number(process.env["D1OPS_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
process.stdout.write(`test/sql: seed ${SEED}\n`);

test(`2,000,000 texts against sqlite3_complete(), seed ${SEED}`, { timeout: 20 * MINUTES }, () => {
  const tally = compareCuts(SEED, 2_000_000);
  process.stdout.write(`cuts: ${JSON.stringify(tally)}\n`);
  expect(tally.interesting).toBeGreaterThan(1_000_000);
});

test(`200,000 texts against SQLite's tokenizer, seed ${SEED}`, { timeout: 20 * MINUTES }, () => {
  const tally = compareTokens(SEED, 200_000);
  process.stdout.write(`tokens: ${JSON.stringify(tally)}\n`);
  expect(tally.comparisons).toBeGreaterThan(800_000);
});

test(
  `50,000 valid files against two versions of SQLite, seed ${SEED}`,
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

test("every text of up to five signs that quote, comment or cut", { timeout: 20 * MINUTES }, () => {
  const signs = ["'", '"', "`", "[", "]", "/", "*", "-", "\n", ";", " ", "a", "\0", "\uFEFF"];
  let count = 0;
  for (const sql of every(signs, 5)) {
    compareText(sql);
    count += 1;
  }
  expect(count).toBe(579_194);
});

test(
  "every text of up to seven of the words that the state machine knows",
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

test("every token of up to three signs", { timeout: 20 * MINUTES }, () => {
  const signs = " \n\v\t'\"`[]/*-+=<>!|&~%,.;:?$@#()0123xXeEaf_\\^{\u007F\u0080\uFEFFé\0".split("");
  let count = 0;
  for (const sql of every(signs, 3)) {
    compareTokensOf(sql);
    count += 1;
  }
  expect(count).toBe(signs.length + signs.length ** 2 + signs.length ** 3);
});
