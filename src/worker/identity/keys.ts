/**
 * Keys of programs. Only their digests are known here, several at a time, so that one can be changed for another.
 * @module
 */
import { sha256 } from "../../onboarding/ports.ts";
import type { Key } from "../environment.ts";

/** The key that was presented, if it opens. All are compared, whichever fits: how long it takes tells nothing. */
export async function keyOf(
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
