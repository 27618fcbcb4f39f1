/**
 * Keys of programs. The Worker knows only their digests. It accepts several keys at a time, so that you can rotate them.
 * @module
 */
import { sha256 } from "../../onboarding/ports.ts";
import type { Key } from "../worker-env.ts";

/** The key that was presented. Null if it is unknown or expired. Compares every key, so that the duration reveals nothing. */
export async function findKey(
  presented: string,
  keys: readonly Key[],
  now: Date,
): Promise<Key | null> {
  const digest = await sha256(presented);
  let found: Key | null = null;
  for (const key of keys) {
    if (areEqual(digest, key.sha256)) found = key;
  }
  const ended = found?.notAfter !== undefined && Date.parse(found.notAfter) <= now.getTime();
  return ended ? null : found;
}

function areEqual(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
