/**
 * Numbers as people type them, as E.164.
 * @module
 */
import {
  type CountryCode,
  isSupportedCountry,
  parsePhoneNumberFromString,
  validatePhoneNumberLength,
} from "libphonenumber-js";

const PROBLEMS = {
  NOT_A_NUMBER: "phone-not-a-number",
  INVALID_COUNTRY: "phone-of-no-country",
  TOO_SHORT: "phone-too-short",
  TOO_LONG: "phone-too-long",
  INVALID_LENGTH: "phone-of-no-length",
} as const;

export type Reading =
  | { readonly number: string }
  | {
      readonly problem:
        | (typeof PROBLEMS)[keyof typeof PROBLEMS]
        | "phone-not-valid"
        | "phone-with-extension";
    };

/** What a text may carry without a trace on the screen: marks of direction, joiners, a byte order mark, variation selectors. */
const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/** `(+33) 6 …` and `(+33 6 …)`: parentheses around a country's code, and what may follow it. The library takes only those behind it. */
const AROUND_THE_CODE = /^\s*\(\s*((?:\+|00)[^()]*)\)/;

/** The plus and the parentheses of East Asian keyboards; the library reads their digits. */
const WIDE: ReadonlyMap<string, string> = new Map([
  ["\uFF0B", "+"],
  ["\uFF08", "("],
  ["\uFF09", ")"],
]);

/**
 * The whole text has to be a number: of two in one text none is chosen. Without a country's code it is of `country`, an ISO 3166
 * code of two letters.
 */
export function parsePhone(text: string, country = "FR"): Reading {
  // Blanks of print, which come with what is pasted: the narrow one is none to the library.
  const typed = text
    .replaceAll(INVISIBLE, "")
    .replaceAll(/\p{Zs}/gu, " ")
    .replaceAll(/[\uFF0B\uFF08\uFF09]/g, (wide) => WIDE.get(wide) ?? wide)
    .replace(AROUND_THE_CODE, "$1 ");
  const options = { defaultCountry: countryOf(country), extract: false };
  const length = validatePhoneNumberLength(typed, options);
  if (length !== undefined) return { problem: PROBLEMS[length] };
  const found = parsePhoneNumberFromString(typed, options);
  if (found?.isValid() !== true) return { problem: "phone-not-valid" };
  return found.ext === undefined ? { number: found.number } : { problem: "phone-with-extension" };
}

/** @throws RangeError where it is none */
export function countryOf(code: string): CountryCode {
  if (isSupportedCountry(code)) return code;
  throw new RangeError(`${code} is no country that has telephone numbers.`);
}
