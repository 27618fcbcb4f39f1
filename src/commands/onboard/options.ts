/** @module The options that the onboarding verbs share, and the ports and settings made of them. */
import { randomBytes } from "node:crypto";
import type { D1Database } from "../../database/port.ts";
import { sha256 } from "../../files/hash.ts";
import { parsePhone } from "../../onboarding/phone-number.ts";
import type { OnboardingSettings, Ports } from "../../onboarding/ports.ts";
import { OpsError } from "../../report/error.ts";
import * as kinds from "../../options/kinds.ts";
import { WRITE, type WriteOptions } from "../../project/project-options.ts";

export interface OnboardOptions extends WriteOptions {
  /** The country of numbers without a country code: ISO 3166, two letters. Default: `FR`. */
  readonly country?: string;
  /** Numbers that no tenant may have, such as the platform's own. */
  readonly reserved?: readonly string[];
}

export const ONBOARD: kinds.Shape<OnboardOptions> = {
  ...WRITE,
  country: kinds.optional(kinds.name),
  reserved: kinds.optional(kinds.listOf(kinds.text)),
};

/** @throws OpsError USAGE */
export function onboardingSettings(options: OnboardOptions): Required<OnboardingSettings> {
  const country = (options.country ?? "FR").toUpperCase();
  requireCountry(country);
  return {
    country,
    reserved: (options.reserved ?? []).map((typed) => {
      const reading = parsePhone(typed, country);
      if ("number" in reading) return reading.number;
      const what = `${JSON.stringify(typed)} is not a phone number`;
      throw usage("--reserved", what, "--reserved +33639980000");
    }),
  };
}

function requireCountry(country: string): void {
  try {
    parsePhone("", country);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const what = `${JSON.stringify(country)} is not the code of a country with phone numbers`;
    throw usage("--country", what, "--country FR");
  }
}

export function portsOver(d1: D1Database): Ports {
  return { d1, now: () => new Date(), random: randomHex(), sha256: async (text) => sha256(text) };
}

/** One call of the system provides random bytes for many values. */
function randomHex(): Ports["random"] {
  let ahead = "";
  return (size) => {
    if (ahead.length < 2 * size) ahead = randomBytes(4096).toString("hex");
    const taken = ahead.slice(0, 2 * size);
    ahead = ahead.slice(2 * size);
    return taken;
  };
}

export function usage(argument: string, what: string, example: string): OpsError<"USAGE"> {
  return new OpsError(
    "USAGE",
    { argument },
    { message: `${argument}: ${what}.`, hint: `Example: ${example}` },
  );
}
