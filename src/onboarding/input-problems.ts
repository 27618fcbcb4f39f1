/**
 * What is wrong with an input, in codes that stay and words of our own.
 * @module
 */
import type { z } from "zod";
import type { Problem } from "./problem.ts";

/** Every code, and what is said where nothing more is known. */
const MESSAGES = {
  required: "is missing",
  "not-a-text": "has to be a text",
  "not-a-flag": "has to be true or false",
  "not-a-list": "has to be a list",
  "not-an-object": "has to be an object",
  "not-unicode": "is no Unicode text",
  "unseen-characters": "has characters that cannot be seen",
  empty: "is empty",
  "too-long": "is too long",
  "too-many": "has too many entries",
  "too-large": "is too much for one step: 1,000,000 bytes at most",
  "not-one-of": "is none of those that can be chosen",
  "unknown-key": "is not known here",
  "not-an-identity":
    "has to be 1 to 128 letters, digits, or _ . = + / @ : | -, a letter or digit first",
  "not-a-key": "has to be 1 to 128 visible ASCII characters",
  "not-a-sector": "has to be 2 to 40 small letters, digits or _, a letter first",
  "not-an-address": "is no e-mail address",
  "address-of-nobody": "is an address where nobody gets mail",
  "not-a-url": "is no address that begins with http:// or https://",
  "phone-not-a-number": "is no phone number",
  "phone-of-no-country": "is a phone number of no country",
  "phone-too-short": "is too short for a phone number",
  "phone-too-long": "is too long for a phone number",
  "phone-of-no-length": "has not the length of a phone number",
  "phone-not-valid": "is a phone number that nobody can have",
  "phone-with-extension": "has an extension, which nobody can call directly",
  "number-reserved": "is the platform's own number",
  invalid: "cannot be taken",
} as const;

export type ProblemCode = keyof typeof MESSAGES;

/** They are a promise: who translates goes by them. */
export const PROBLEM_CODES: readonly string[] = Object.keys(MESSAGES);

/** Of all that is wrong, so much is told: what a machine has made up may be wrong a million times. */
const MAX_PROBLEMS = 100;

/** For a `refine` of Zod. */
export function failWith(code: ProblemCode): {
  readonly error: string;
  readonly params: { readonly code: ProblemCode };
} {
  return { error: MESSAGES[code], params: { code } };
}

const TYPES: Readonly<Record<string, ProblemCode>> = {
  string: "not-a-text",
  boolean: "not-a-flag",
  array: "not-a-list",
  object: "not-an-object",
};

const FORMATS: Readonly<Record<string, ProblemCode>> = {
  identity: "not-an-identity",
  key: "not-a-key",
  sector: "not-a-sector",
  email: "not-an-address",
  url: "not-a-url",
};

export function problemsOf({ issues }: z.ZodError): Problem[] {
  return issues.slice(0, MAX_PROBLEMS).flatMap(problemsOfIssue).slice(0, MAX_PROBLEMS);
}

function problemsOfIssue(issue: z.core.$ZodIssue): Problem[] {
  const path = issue.path.map(String).join(".");
  const one = (code: ProblemCode, message: string = MESSAGES[code]): Problem[] => [
    { path, code, message },
  ];
  switch (issue.code) {
    case "invalid_type":
      if (isMissing(issue)) return one("required");
      return one(TYPES[issue.expected] ?? "invalid");
    case "invalid_value":
      return one("not-one-of", `has to be one of ${issue.values.map(String).join(", ")}`);
    case "invalid_format":
      return one(FORMATS[issue.format] ?? "invalid");
    case "too_big":
      return issue.origin === "array"
        ? one("too-many", `has more than ${issue.maximum} entries`)
        : one("too-long", `has more than ${issue.maximum} characters`);
    case "unrecognized_keys":
      return issue.keys.map((key) => ({
        path: [...issue.path.map(String), key.slice(0, 64)].join("."),
        code: "unknown-key",
        message: MESSAGES["unknown-key"],
      }));
    case "custom": {
      const code: unknown = issue.params?.["code"];
      return one(isCode(code) ? code : "invalid", issue.message);
    }
    case "invalid_element":
    case "invalid_key":
    case "invalid_union":
    case "not_multiple_of":
    case "too_small":
      return one("invalid");
  }
}

/** What was given is not part of the error; that there was nothing is only in its words. */
function isMissing({ message }: z.core.$ZodIssue): boolean {
  return message.endsWith("received undefined");
}

function isCode(code: unknown): code is ProblemCode {
  return typeof code === "string" && Object.hasOwn(MESSAGES, code);
}
