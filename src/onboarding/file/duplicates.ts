/** @module Finds what several tenants of one file claim, although only one tenant can have it. */
import { parsePhone } from "../phone-number.ts";
import type { Problem } from "../errors.ts";

/** The values of a line that only one tenant can have. Null if the line does not have the value, or it cannot be read. */
export interface LineClaims {
  readonly line: number;
  readonly tenant: string | null;
  readonly user: string | null;
  /** E.164. */
  readonly phone: string | null;
  readonly emails: readonly string[];
}

/** A problem of one line of the file. Its path is empty if it is about the whole line. */
export interface LineProblem extends Problem {
  readonly line: number;
  /** Null if it cannot be read. */
  readonly tenant: string | null;
  /** The path as the file writes it: `column phone`. Default: the path. */
  readonly where?: string;
}

/** Also for an invalid line. */
export function lineClaims(line: number, value: unknown, country: string): LineClaims {
  const phone = textAt(value, "business", "phone");
  const emails = [textAt(value, "start", "email"), textAt(value, "business", "email")];
  return {
    line,
    tenant: textAt(value, "tenant"),
    user: textAt(value, "user"),
    phone: phone === null || phone.trim() === "" ? null : numberOf(phone, country),
    emails: [...new Set(emails.flatMap((email) => email?.toLowerCase() ?? []))],
  };
}

function numberOf(typed: string, country: string): string | null {
  // A valid line has E.164 already.
  if (/^\+\d{8,15}$/.test(typed)) return typed;
  const reading = parsePhone(typed.slice(0, 64), country);
  return "number" in reading ? reading.number : null;
}

function textAt(value: unknown, ...path: readonly string[]): string | null {
  let found = value;
  for (const name of path) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, name)) return null;
    found = Object.entries(found).find(([key]) => key === name)?.[1];
  }
  return typeof found === "string" ? found : null;
}

interface UniqueValue {
  readonly path: string;
  readonly code: string;
  readonly rule: string;
  readonly valuesIn: (claims: LineClaims) => readonly (string | null)[];
}

const UNIQUE: readonly UniqueValue[] = [
  {
    path: "user",
    code: "user-twice",
    rule: "a user belongs to one tenant",
    valuesIn: ({ user }) => [user],
  },
  {
    path: "business.phone",
    code: "number-twice",
    rule: "a number belongs to one tenant",
    valuesIn: ({ phone }) => [phone],
  },
  {
    path: "email",
    code: "email-twice",
    rule: "an address belongs to one tenant",
    valuesIn: ({ emails }) => emails,
  },
];

/** A second line for a tenant is a problem, because the result would depend on the order of the lines. */
export function duplicateProblems(all: readonly LineClaims[]): LineProblem[] {
  const tenants = new Map<string, number>();
  const unique = UNIQUE.map((value) => ({ ...value, owners: new Map<string, LineClaims>() }));
  return all.flatMap((claims) => {
    const { line, tenant } = claims;
    if (tenant === null) return [];
    const before = tenants.get(tenant);
    if (before !== undefined) {
      const message = `line ${before} has the same tenant, and a file may contain a tenant only once`;
      return [{ line, tenant, path: "tenant", code: "tenant-twice", message }];
    }
    tenants.set(tenant, line);
    return unique.flatMap(({ path, code, rule, valuesIn, owners }) =>
      valuesIn(claims).flatMap((value) => {
        if (value === null) return [];
        const owner = owners.get(value);
        if (owner === undefined) owners.set(value, claims);
        if (owner === undefined || owner.tenant === tenant) return [];
        return [
          { line, tenant, path, code, message: `${value} is also on line ${owner.line}: ${rule}` },
        ];
      }),
    );
  });
}
