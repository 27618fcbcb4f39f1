/**
 * Text from outside (names, messages, SQL) made safe to show: nothing in it moves the cursor, colours,
 * hides or reorders what stands around it. What is replaced stays visible: ESC becomes `\x1b`.
 * @module
 */

/** Controls, lone surrogates, line separators, marks that reorder (Trojan Source), and what XML cannot hold. */
const unsafe =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF\uFFFE\uFFFF]/gu;
const lineEnd = /\r\n|\n|\r/;

/** On one line: a tab is a space, a line end is `\n`, anything else unsafe its code. */
export function printable(text: string): string {
  return text.replaceAll("\t", " ").replace(unsafe, escaped);
}

/** The same over several lines: line ends stay. */
export function printableLines(text: string): string[] {
  return text.split(lineEnd).map(printable);
}

/** For source with a caret under it: each unsafe character becomes one that is as wide as itself. */
export function printableSource(text: string, substitute: string): string[] {
  const lines = text
    .split(lineEnd)
    .map((line) => line.replaceAll("\t", " ").replace(unsafe, substitute).trimEnd());
  while (lines.at(-1) === "") lines.pop();
  while (lines[0] === "") lines.shift();
  return lines;
}

/**
 * GitHub's runner obeys commands in what any step prints: a line that starts with `::name`, or `##[name]` anywhere.
 * Neither may come out of a database or a file, coloured or not.
 */
export function withoutRunnerCommand(line: string): string {
  return line.replace(/^(?:\s|\p{Cc}\[\d+m)*(?=::)/u, "$&\\").replaceAll("##[", String.raw`##\[`);
}

function escaped(character: string): string {
  if (character === "\n") return String.raw`\n`;
  if (character === "\r") return String.raw`\r`;
  const code = character.charCodeAt(0).toString(16);
  return code.length <= 2 ? `\\x${code.padStart(2, "0")}` : `\\u${code.padStart(4, "0")}`;
}
