/** @module Makes a text of what a program threw or returned. A program can throw anything, even an object whose `toString` throws. */

/** Characters: enough to recognise the value, because the quarantine stores a reason for each row. */
const LONGEST = 2000;

export function cut(text: string): string {
  return text.slice(0, LONGEST);
}

/** The message of an error; any other value as a text. Never throws. */
export function textOfThrown(thrown: unknown): string {
  try {
    const text = thrown instanceof Error ? thrown.message : thrown;
    return cut(String(text));
  } catch {
    return "something that cannot be shown as a text";
  }
}

/** A value that a program returned, as JSON if it has one. Never throws. */
export function textOfValue(value: unknown): string {
  try {
    return cut(JSON.stringify(value, bigIntAsText) ?? String(value));
  } catch {
    return textOfThrown(value);
  }
}

function bigIntAsText(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}n` : value;
}
