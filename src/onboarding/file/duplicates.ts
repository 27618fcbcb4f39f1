/**
 * What two tenants of one file both claim, though only one can have it.
 * @module
 */
import { parsePhone } from "../phone-number.ts";

/** What a line claims for its tenant, as far as it can be read. */
export interface Claims {
  readonly line: number;
  readonly tenant: string | null;
  readonly user: string | null;
  /** E.164. */
  readonly phone: string | null;
  readonly emails: readonly string[];
}

/** A problem of one line of the file. */
export interface LineProblem {
  readonly line: number;
  /** Null if it cannot be read. */
  readonly tenant: string | null;
  /** `business.phone`; empty if the problem is about the whole line. */
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

/** Of a line that was refused for something else, too. */
export function claimsOf(line: number, value: unknown, country: string): Claims {
  const phone = textAt(value, "business", "phone");
  const emails = [textAt(value, "start", "email"), textAt(value, "business", "email")];
  return {
    line,
    tenant: textAt(value, "tenant"),
    user: textAt(value, "user"),
    phone: phone === null || phone.trim() === "" ? null : numberOf(phone, country),
    emails: [...new Set(emails.flatMap((one) => (one === null ? [] : [one.toLowerCase()])))],
  };
}

function numberOf(typed: string, country: string): string | null {
  // E.164 already, as of every line that was taken.
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

interface Owner {
  readonly tenant: string;
  readonly line: number;
}

/** A file has each tenant once: what two lines say of it would depend on which of them comes last. */
export function duplicateProblems(all: readonly Claims[]): LineProblem[] {
  const tenants = new Map<string, number>();
  const users = new Map<string, Owner>();
  const phones = new Map<string, Owner>();
  const emails = new Map<string, Owner>();
  return all.flatMap(({ line, tenant, user, phone, emails: own }) => {
    if (tenant === null) return [];
    const base = { line, tenant };
    const before = tenants.get(tenant);
    if (before !== undefined) {
      const message = `line ${before} is of the same tenant, and a file has each tenant once`;
      return [{ ...base, path: "tenant", code: "tenant-twice", message }];
    }
    tenants.set(tenant, line);
    const duplicate = (
      owners: Map<string, Owner>,
      what: string | null,
      told: DuplicateRule,
    ): LineProblem[] => {
      if (what === null) return [];
      const owner = owners.get(what);
      if (owner === undefined) owners.set(what, base);
      if (owner === undefined || owner.tenant === tenant) return [];
      const message = `${what} is on line ${owner.line}, too: ${told.rule}`;
      return [{ ...base, path: told.path, code: told.code, message }];
    };
    return [
      ...duplicate(users, user, USER),
      ...duplicate(phones, phone, PHONE),
      ...own.flatMap((email) => duplicate(emails, email, EMAIL)),
    ];
  });
}

interface DuplicateRule {
  readonly path: string;
  readonly code: string;
  readonly rule: string;
}

const USER: DuplicateRule = {
  path: "user",
  code: "user-twice",
  rule: "a user belongs to one tenant",
};
const PHONE: DuplicateRule = {
  path: "business.phone",
  code: "number-twice",
  rule: "a number belongs to one tenant",
};
const EMAIL: DuplicateRule = {
  path: "email",
  code: "email-twice",
  rule: "an address belongs to one tenant",
};
