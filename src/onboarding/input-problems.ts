/** @module The problems of an input: stable codes, and our own messages. */
import type { z } from "zod";
import type { Problem } from "./errors.ts";

/** Every code and its default message. */
const MESSAGES = {
  required: "is required",
  "not-a-text": "must be a string",
  "not-a-flag": "must be true or false",
  "not-a-list": "must be an array",
  "not-an-object": "must be an object",
  "not-unicode": "is not valid Unicode",
  "unseen-characters": "contains invisible characters",
  empty: "is empty",
  "too-long": "is too long",
  "too-many": "has too many entries",
  "too-large": "is too large: a step accepts at most 1,000,000 bytes",
  "not-one-of": "is not one of the allowed values",
  "unknown-key": "is not a known key",
  "not-an-identity":
    "must be 1 to 128 letters, digits, or _ . = + / @ : | -, beginning with a letter or digit",
  "not-a-key": "must be 1 to 128 visible ASCII characters",
  "not-a-sector": "must be 2 to 40 lowercase letters, digits or _, beginning with a letter",
  "not-an-address": "is not an e-mail address",
  "address-of-nobody": "is a placeholder address that receives no mail",
  "not-a-url": "is not a URL that begins with http:// or https://",
  "phone-not-a-number": "is not a phone number",
  "phone-of-no-country": "is a phone number with an unknown country code",
  "phone-too-short": "is too short for a phone number",
  "phone-too-long": "is too long for a phone number",
  "phone-of-no-length": "does not have the length of a phone number",
  "phone-not-valid": "is not a valid phone number",
  "phone-with-extension": "has an extension, so it cannot be called directly",
  "number-reserved": "is one of the platform's own numbers",
  invalid: "is invalid",
} as const;

export type ProblemCode = keyof typeof MESSAGES;

/** Clients translate by these codes, so a code is never changed. */
export const PROBLEM_CODES: readonly string[] = Object.keys(MESSAGES);

/** Limits the response to generated input with very many problems. */
const MAX_PROBLEMS = 100;

/** The arguments of Zod's `refine` for a problem. */
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
      return one("not-one-of", `must be one of ${issue.values.map(String).join(", ")}`);
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

/** An issue of Zod has no input value: only its message tells a missing value from a wrong type. */
function isMissing({ message }: z.core.$ZodIssue): boolean {
  return message.endsWith("received undefined");
}

function isCode(code: unknown): code is ProblemCode {
  return typeof code === "string" && Object.hasOwn(MESSAGES, code);
}
