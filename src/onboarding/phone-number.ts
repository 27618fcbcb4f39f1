/** @module Parses phone numbers, as people type them, into E.164. */
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

export type ParsedPhone =
  | { readonly number: string }
  | {
      readonly problem:
        | (typeof PROBLEMS)[keyof typeof PROBLEMS]
        | "phone-not-valid"
        | "phone-with-extension";
    };

/** Characters that are not visible on the screen: marks of direction, joiners, a byte order mark, variation selectors. */
const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/** Parentheses that begin with the country code: `(+33) 6 …`, `(+33 6 …)`. The library accepts only those after it. */
const AROUND_THE_CODE = /^\s*\(\s*((?:\+|00)[^()]*)\)/;

/** The plus and the parentheses of East Asian keyboards. The library reads the digits of such keyboards, but not these. */
const WIDE: ReadonlyMap<string, string> = new Map([
  ["\uFF0B", "+"],
  ["\uFF08", "("],
  ["\uFF09", ")"],
]);

/** The whole text must be one number. If it has no country code, it is a number of `country`, a two-letter code of ISO 3166. */
export function parsePhone(text: string, country = "FR"): ParsedPhone {
  // Pasted text may contain typographic spaces, and the library does not know the narrow one.
  const typed = text
    .replaceAll(INVISIBLE, "")
    .replaceAll(/\p{Zs}/gu, " ")
    .replaceAll(/[\uFF0B\uFF08\uFF09]/g, (wide) => WIDE.get(wide) ?? wide)
    .replace(AROUND_THE_CODE, "$1 ");
  const options = { defaultCountry: countryCode(country), extract: false };
  const length = validatePhoneNumberLength(typed, options);
  if (length !== undefined) return { problem: PROBLEMS[length] };
  const found = parsePhoneNumberFromString(typed, options);
  if (found?.isValid() !== true) return { problem: "phone-not-valid" };
  return found.ext === undefined ? { number: found.number } : { problem: "phone-with-extension" };
}

/** @throws RangeError if it is not such a code */
export function countryCode(code: string): CountryCode {
  if (isSupportedCountry(code)) return code;
  throw new RangeError(`${code} is not the code of a country with phone numbers.`);
}
