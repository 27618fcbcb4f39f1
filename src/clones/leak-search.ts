/**
 * Finds masked originals in other columns, such as those of an audit table that a trigger fills: there, only a search can find them. It
 * keeps the originals in memory.
 * @module
 */
import type { MaskKind } from "./masks.ts";

/** Characters of the shortest original that is searched. Shorter ones are often words that mean nothing. */
const SHORTEST = 6;

/** Characters of a long original that are compared. */
const LONGEST = 200;

/** Originals that are searched: they take memory. */
const MOST = 200_000;

/** Bits of the filter. Almost no place of a text that begins no original passes it. */
const FILTER_BITS = 1 << 24;

export class LeakSearch {
  readonly #byStart = new Map<string, string[]>();
  readonly #seen = new Set<string>();
  readonly #filter = new Uint8Array(FILTER_BITS / 8);
  #skipped = 0;

  /** Distinct originals that are searched. */
  get size(): number {
    return this.#seen.size;
  }

  /** Values of too many originals, which are not searched. */
  get skipped(): number {
    return this.#skipped;
  }

  /** A number that is not a phone number is probably a key, which other columns are expected to contain. */
  add(original: string, kind: MaskKind): void {
    if (kind !== "phone" && /^-?\d+(?:\.\d+)?$/.test(original)) return;
    const text = original.trim().toLowerCase().slice(0, LONGEST);
    if (text.length < SHORTEST || this.#seen.has(text)) return;
    if (this.#seen.size >= MOST) {
      this.#skipped += 1;
      return;
    }
    this.#seen.add(text);
    const start = text.slice(0, SHORTEST);
    const others = this.#byStart.get(start);
    if (others === undefined) this.#byStart.set(start, [text]);
    else others.push(text);
    const bit = hashOf(start) % FILTER_BITS;
    this.#filter[bit >> 3] = (this.#filter[bit >> 3] ?? 0) | (1 << (bit & 7));
  }

  /** True if the text contains an original, as whole words, also with the escapes of JSON. Ignores case. */
  isIn(given: string): boolean {
    return this.#finds(given) || (given.includes("\\") && this.#finds(withoutEscapes(given)));
  }

  #finds(given: string): boolean {
    const text = given.toLowerCase();
    if (this.size === 0 || text.length < SHORTEST) return false;
    let hash = hashOf(text.slice(0, SHORTEST - 1));
    for (let at = 0; at + SHORTEST <= text.length; at += 1) {
      hash = (Math.imul(hash, 31) + text.charCodeAt(at + SHORTEST - 1)) >>> 0;
      const bit = hash % FILTER_BITS;
      const passes = ((this.#filter[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0;
      if (passes && this.#beginsAt(text, at)) return true;
      hash = (hash - Math.imul(text.charCodeAt(at), FIRST_FACTOR)) >>> 0;
    }
    return false;
  }

  #beginsAt(text: string, at: number): boolean {
    const candidates = this.#byStart.get(text.slice(at, at + SHORTEST)) ?? [];
    return candidates.some((one) => text.startsWith(one, at) && isWhole(text, at, one.length));
  }
}

const ESCAPE = /\\(?:u([\da-f]{4})|(["\\/bfnrt]))/gi;

const CONTROLS: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/** Many programs write `\u00e9` for é in JSON. */
function withoutEscapes(text: string): string {
  return text.replaceAll(ESCAPE, (_, hex: string | undefined, single = "") =>
    hex === undefined
      ? (CONTROLS[single] ?? single)
      : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** 31 to the power of the number of characters that follow the first. */
const FIRST_FACTOR = 31 ** (SHORTEST - 1);

function hashOf(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i += 1) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) >>> 0;
  return hash;
}

/** False if the place is inside of a longer word. A long original may have been cut inside of one. */
function isWhole(text: string, at: number, length: number): boolean {
  const isWord = (index: number): boolean => /[\p{L}\p{N}]/u.test(text.charAt(index));
  const end = at + length;
  return (
    !(at > 0 && isWord(at - 1) && isWord(at)) &&
    !(length < LONGEST && isWord(end) && isWord(end - 1))
  );
}
