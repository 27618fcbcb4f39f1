/**
 * Tenants as JSON, an object a line.
 * @module
 */
import type { Line } from "./lines.ts";

/** What one line, or one row of a table, says of a tenant; or why it cannot be read. */
export type Entry =
  | { readonly line: number; readonly value: unknown }
  | { readonly line: number; readonly code: string; readonly problem: string };

export const NO_TEXT = { code: "not-utf8", problem: "it is not UTF-8" } as const;

/** @yields what each line says; a line of nothing but spaces is none */
export async function* jsonEntries(lines: AsyncIterable<Line>): AsyncGenerator<Entry> {
  for await (const { number: line, text, isText } of lines) {
    if (text.trim() === "") continue;
    yield isText ? entryOf(line, text) : { line, ...NO_TEXT };
  }
}

function entryOf(line: number, text: string): Entry {
  try {
    const value: unknown = JSON.parse(text);
    return { line, value };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { line, code: "not-json", problem: `it is no JSON: ${reason}` };
  }
}
