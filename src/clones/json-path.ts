/** @module Paths into JSON, as SQLite writes them: `$.contact.email`, `$.tags[0]`, `$."a key"`. `*` stands for every key or index. */

/** A key, an index, or null for every one of them. */
type Step = string | number | null;

export type JsonPath = readonly Step[];

const STEP = /\.(?:(\*)|"((?:[^"\\]|\\.)*)"|([^."[\]*]+))|\[(?:(\*)|(\d+))\]/y;

/** Null if the text is not a path. */
export function jsonPathOf(text: string): JsonPath | null {
  if (!text.startsWith("$")) return null;
  const steps: Step[] = [];
  for (let at = 1; at < text.length; at = STEP.lastIndex) {
    STEP.lastIndex = at;
    const found = STEP.exec(text);
    if (found === null) return null;
    const [, anyKey, quoted, key, anyIndex, index] = found;
    if (anyKey !== undefined || anyIndex !== undefined) steps.push(null);
    else if (index !== undefined) steps.push(Number(index));
    else steps.push(key ?? (quoted ?? "").replaceAll(/\\(.)/g, "$1"));
  }
  return steps;
}

/** True if the value at `place` is the one that the path names, or a part of it. */
export function isWithin(place: readonly (string | number)[], path: JsonPath): boolean {
  return path.length <= place.length && path.every((step, i) => step === null || step === place[i]);
}
