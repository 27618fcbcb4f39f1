/**
 * Numbers as people type them, as E.164.
 * @module
 */
import { parsePhoneNumberFromString, validatePhoneNumberLength } from "libphonenumber-js";

/** The whole text has to be a number: of two in one text none is chosen. Without a country's code it is French. */
const OPTIONS = { defaultCountry: "FR", extract: false } as const;

const PROBLEMS = {
  NOT_A_NUMBER: "phone-not-a-number",
  INVALID_COUNTRY: "phone-of-no-country",
  TOO_SHORT: "phone-too-short",
  TOO_LONG: "phone-too-long",
  INVALID_LENGTH: "phone-of-no-length",
} as const;

export type Reading = { readonly number: string } | { readonly problem: string };

export function readNumber(typed: string): Reading {
  const length = validatePhoneNumberLength(typed, OPTIONS);
  if (length !== undefined) return { problem: PROBLEMS[length] };
  const found = parsePhoneNumberFromString(typed, OPTIONS);
  return found?.isValid() === true ? { number: found.number } : { problem: "phone-not-valid" };
}
