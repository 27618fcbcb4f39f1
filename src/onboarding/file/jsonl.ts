/**
 * Reads tenants from JSON Lines, one object per line.
 * @module
 */
import type { Line } from "./lines.ts";

/** The value of a line or of a CSV row, or why it cannot be read. */
export type Entry =
  | { readonly line: number; readonly value: unknown }
  | { readonly line: number; readonly code: string; readonly problem: string };

export const NOT_UTF8 = { code: "not-utf8", problem: "the line is not UTF-8" } as const;

/** @yields each line that is not blank */
export async function* jsonEntries(lines: AsyncIterable<Line>): AsyncGenerator<Entry> {
  for await (const { number: line, text, isUtf8 } of lines) {
    if (text.trim() === "") continue;
    yield isUtf8 ? entryOf(line, text) : { line, ...NOT_UTF8 };
  }
}

function entryOf(line: number, text: string): Entry {
  try {
    const value: unknown = JSON.parse(text);
    return { line, value };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { line, code: "not-json", problem: `the line is not JSON: ${reason}` };
  }
}
