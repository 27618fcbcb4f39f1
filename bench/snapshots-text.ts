/** @module Names and messages as people write them. They depend on their number alone, so they are equal in each run and on each machine. */

/** Numbers from 0 up to 1, always the same ones for a seed. */
export type Random = () => number;

/** The generator `mulberry32`: 32 bits of state, and fast enough for millions of words. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const COMMON = (
  "the to and you a I is for of we it in that on have can be with your this are our will not me at please as my " +
  "if do when so from thank but what one would there by know tomorrow was today need order they house see time an or " +
  "all just could about call more week no send hello let any price been room then visit like after which back also " +
  "Monday Friday morning evening yes table two question meeting address number invoice"
).split(" ");

const STARTS =
  "al be cor dan el fa gre hal in jo ka lor mi nev or pa quin ra sol ten ul ver wil yan zo".split(
    " ",
  );
const MIDDLES = "ba ca di fen go li mar no per ri sa ta ven".split(" ");
const ENDS = "are ble cy der ent ful ing ly ment ness on ry ship tion ward".split(" ");

/** Rare words: 4,875 of them. */
const RARE = STARTS.flatMap((start) =>
  MIDDLES.flatMap((middle) => ENDS.map((end) => start + middle + end)),
);

/** A message of 12 to 90 words, of which the common words are three in five, and now and then a number. */
export function sentence(random: Random): string {
  const words: string[] = [];
  const length = 12 + Math.floor(78 * random() ** 2);
  while (words.length < length) words.push(word(random));
  return `${words.join(" ")}.`;
}

function word(random: Random): string {
  const kind = random();
  if (kind < 0.6) return skewed(COMMON, random);
  return kind < 0.98 ? skewed(RARE, random) : String(Math.floor(100_000 * random()));
}

export interface Contact {
  readonly name: string;
  readonly email: string;
  readonly phone: string;
  readonly company: string;
  readonly note: string | null;
}

/** The addresses are of example.com, and the phone numbers of the range that is reserved for fiction. */
export function contact(id: number, random: Random): Contact {
  const [first, last, company] = [skewed(RARE, random), skewed(RARE, random), skewed(RARE, random)];
  return {
    name: `${capital(first)} ${capital(last)}`,
    email: `${first}.${last}.${id}@example.com`,
    phone: phone(random),
    company: `${capital(company)} Ltd`,
    note: random() < 0.3 ? sentence(random) : null,
  };
}

export function phone(random: Random): string {
  const digits = String(Math.floor(10_000 * random())).padStart(4, "0");
  return `+33 6 39 98 ${digits.slice(0, 2)} ${digits.slice(2)}`;
}

/** The first of them are the most frequent, as in a language. */
function skewed(words: readonly string[], random: Random): string {
  return words[Math.floor(words.length * random() ** 2)] ?? "";
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
