/** @module What the caller passes to onboarding: ports, settings and its identity. */
import type { D1Database } from "../database/port.ts";

export interface Ports {
  readonly d1: D1Database;
  readonly now: () => Date;
  /** `size` unpredictable bytes, in hexadecimal. */
  readonly random: (size: number) => string;
  /** SHA-256 of a text as UTF-8, in hexadecimal. Default: Web Crypto. */
  readonly sha256?: (text: string) => Promise<string>;
}

export interface OnboardingSettings {
  /** The country of numbers without a country code: ISO 3166, two letters. Default: `FR`. */
  readonly country?: string;
  /** The platform's own numbers, in any notation. No tenant may have them. */
  readonly reserved?: readonly string[];
}

/** Who calls. Authenticate the caller first: onboarding trusts these names. */
export interface Caller {
  readonly tenant: string;
  readonly user: string;
}

/** Web Crypto, which exists in Workers and in node. */
export function cryptoRandom(size: number): string {
  return hexadecimal(crypto.getRandomValues(new Uint8Array(size)));
}

/** Web Crypto: of a text as UTF-8, in hexadecimal. */
export async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return hexadecimal(new Uint8Array(digest));
}

function hexadecimal(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** 128 random bits: an id cannot be guessed. It still grants no access. */
export function newId(random: Ports["random"], prefix: string): string {
  return `${prefix}_${random(16)}`;
}
