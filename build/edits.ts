/** @module Edits of a text. */

/** Replaces the text between two offsets. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Sorts edits by their place. Of two at one place, the one that was added first comes first. */
export function inOrder(edits: readonly Edit[]): Edit[] {
  return edits.toSorted((a, b) => a.start - b.start);
}

/** The text from one offset to another after the edits inside it, which are in order. */
export function edited(edits: readonly Edit[], text: string, from = 0, to = text.length): string {
  let [at, result] = [from, ""];
  for (const { start, end, text: inserted } of edits) {
    if (start < from || end > to) continue;
    result += text.slice(at, start) + inserted;
    at = end;
  }
  return result + text.slice(at, to);
}
