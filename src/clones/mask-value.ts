/**
 * Masks one value. The same value gives the same masked value everywhere, so joins and foreign keys survive. Without the key of the `Mac`,
 * no one can find the original by trying values.
 * @module
 */
import { hexOf } from "../snapshots/store/bytes.ts";
import { upperCase } from "../sql/quote.ts";
import type { MaskKind } from "./masks.ts";

/** HMAC-SHA256 with a secret key, of a purpose and a text as UTF-8: 32 bytes. A port, because a subject room does not hash. */
export type Mac = (purpose: string, text: string) => Uint8Array;

/** The kinds that make another value. */
export type Replacing = Exclude<MaskKind, "null" | "keep">;

export interface Masker {
  /** An empty text stays empty. */
  readonly text: (kind: Replacing, text: string) => string;
  /** `literal`: a number of SQL or JSON. Returns an integer for an integer, else a real. */
  readonly number: (kind: Replacing, literal: string) => string;
  /** Hexadecimal digits. An empty blob stays empty. */
  readonly blob: (hex: string) => string;
}

export function maskerOf(mac: Mac): Masker {
  const texts: Readonly<Record<Replacing, (text: string) => string>> = {
    email: (text) => emailOf(mac, text),
    phone: (text) => `${text.trimStart().startsWith("+") ? "+" : ""}${phoneDigits(mac, text)}`,
    name: (text) => nameOf(mac, text),
    text: (text) => proseOf(mac, text),
    hash: (text) => hexOf(mac("hash", text).subarray(0, 16)),
  };
  return {
    text: (kind, text) => (text === "" ? "" : texts[kind](text)),
    number(kind, literal) {
      const digits =
        kind === "phone"
          ? phoneDigits(mac, literal)
          : String(numberOf(mac("number", literal)) % 2n ** 53n);
      return /^-?\d+$/.test(literal) ? digits : `${digits}.0`;
    },
    blob: (hex) => (hex === "" ? "" : hexOf(mac("blob", hex).subarray(0, 16)).toUpperCase()),
  };
}

/** 32 letters and digits that look different from one another. */
const SYMBOLS = "abcdefghijkmnpqrstuvwxyz23456789";

/**
 * 130 bits before `@example.com`, which no one can register (RFC 2606). Two texts that differ in case only differ in case only afterwards,
 * too: columns with COLLATE NOCASE have the same joins, and others stay unique.
 */
function emailOf(mac: Mac, text: string): string {
  const upper = upperCase(text);
  const symbols = [...mac("email", upper).subarray(0, 26)].map((byte) => SYMBOLS[byte % 32] ?? "");
  const masked = `${symbols.join("")}@example.com`;
  if (!/[A-Z]/.test(text)) return masked;
  if (text === upper) return upperCase(masked);
  const bits = mac("case", text);
  return Array.from(masked, (symbol, i) =>
    ((bits[i % 32] ?? 0) & 1) === 1 ? upperCase(symbol) : symbol,
  ).join("");
}

/**
 * The country code 999 is reserved by the ITU and not assigned, so no such number can be called. Twelve digits are all that E.164 has room
 * for after it.
 */
function phoneDigits(mac: Mac, text: string): string {
  return `999${String(numberOf(mac("phone", text)) % 10n ** 12n).padStart(12, "0")}`;
}

const CONSONANTS = "bdfghjklmnprstvz";
const VOWELS = "aeio";

/** One word for one word, two for several. Each syllable has 6 bits. */
function nameOf(mac: Mac, text: string): string {
  const bytes = [...mac("name", upperCase(text))];
  const lengths = /\S\s+\S/.test(text) ? [5, 5] : [7];
  const words = lengths.map((length, i) =>
    bytes
      .slice(10 * i, 10 * i + length)
      .map((byte) => `${CONSONANTS[(byte >> 2) & 15]}${VOWELS[byte & 3]}`)
      .join(""),
  );
  const [hasUpper, hasLower] = [text !== text.toLowerCase(), text !== text.toUpperCase()];
  if (hasLower && !hasUpper) return words.join(" ");
  if (hasUpper && !hasLower) return upperCase(words.join(" "));
  return words.map((word) => `${upperCase(word.slice(0, 1))}${word.slice(1)}`).join(" ");
}

const WORDS = (
  "lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore magna aliqua enim ad minim " +
  "veniam quis nostrud exercitation ullamco laboris nisi aliquip ex ea commodo consequat duis aute irure in reprehenderit voluptate velit " +
  "esse cillum fugiat nulla pariatur excepteur sint occaecat cupidatat non proident sunt culpa qui officia deserunt mollit anim id est laborum at"
).split(" ");

/** As long as the original, in UTF-16 units. */
function proseOf(mac: Mac, text: string): string {
  const seed = hexOf(mac("text", text));
  let prose = "";
  for (let block = 0; prose.length < text.length; block += 1) {
    const bytes = [...mac("prose", `${seed} ${block}`)];
    prose += bytes.map((byte) => `${WORDS[byte % WORDS.length]} `).join("");
  }
  const cut = prose.slice(0, text.length).replace(/ $/, ".");
  return /^\p{Lu}/u.test(text) ? `${upperCase(cut.slice(0, 1))}${cut.slice(1)}` : cut;
}

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${hexOf(bytes.subarray(0, 16))}`);
}
