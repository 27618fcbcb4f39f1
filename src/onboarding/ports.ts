/**
 * What onboarding is handed of the world, and who asks.
 * @module
 */
import type { D1Database } from "../database/port.ts";

export interface Ports {
  readonly d1: D1Database;
  readonly now: () => Date;
  /** `size` bytes that nobody can guess, in hexadecimal. */
  readonly random: (size: number) => string;
  /** SHA-256 of a text as UTF-8, in hexadecimal, where there is a quicker one than the web's. */
  readonly sha256?: (text: string) => Promise<string>;
}

export interface OnboardingSettings {
  /** Of numbers that are typed without a country's code: ISO 3166, two letters. Default: `FR`. */
  readonly country?: string;
  /** Numbers that no tenant may have, in any spelling: the platform's own. */
  readonly reserved?: readonly string[];
}

/** Who asks. Whoever hands it in has made sure of it: nothing here looks at a header. */
export interface Caller {
  readonly tenant: string;
  readonly user: string;
}

/** Of the web, which a Worker and node both have. */
export function cryptoRandom(size: number): string {
  return hexadecimal(crypto.getRandomValues(new Uint8Array(size)));
}

/** The web's: of a text as UTF-8, in hexadecimal. */
export async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return hexadecimal(new Uint8Array(digest));
}

function hexadecimal(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** 128 bits: they cannot be guessed, and are no capability all the same. */
export function newId(random: Ports["random"], prefix: string): string {
  return `${prefix}_${random(16)}`;
}

/** The one place where a moment becomes a text: ISO 8601, UTC. */
export function momentOf({ now }: Pick<Ports, "now">): string {
  return now().toISOString();
}
