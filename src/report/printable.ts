/**
 * Makes text from files and databases (names, messages, SQL) safe to show: it cannot move the cursor, or colour, hide or reorder the text
 * around it. A replaced character stays visible: ESC becomes `\x1b`.
 * @module
 */

/**
 * Control characters, lone surrogates, line separators, marks that reorder text (Trojan Source), and characters that XML does not allow.
 * As ranges, because V8 takes 2 ms to look up the first Unicode property.
 */
const unsafe =
  /[\0-\x1F\x7F-\x9F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF\uFFFE\uFFFF\u{D800}-\u{DFFF}]/gu;
const lineEnd = /\r\n|\n|\r/;

/** Text on one line: a tab becomes a space, a line end becomes `\n`, any other unsafe character becomes its code. */
export function printable(text: string): string {
  return text.replaceAll("\t", " ").replace(unsafe, escaped);
}

/** The same for text of several lines, as a list of lines. */
export function printableLines(text: string): string[] {
  return text.split(lineEnd).map(printable);
}

/** For source with a caret under it: `substitute` replaces each unsafe character, so that the columns stay. */
export function printableSource(text: string, substitute: string): string[] {
  const lines = text
    .split(lineEnd)
    .map((line) => line.replaceAll("\t", " ").replace(unsafe, substitute).trimEnd());
  while (lines.at(-1) === "") lines.pop();
  while (lines[0] === "") lines.shift();
  return lines;
}

/**
 * GitHub's runner executes commands in the output of any step: a line that starts with `::name`, or `##[name]` anywhere. Escapes both,
 * also behind colour codes, because text from a database or a file may contain them.
 */
export function withoutRunnerCommand(line: string): string {
  return line
    .replace(/^(?:\s|[\0-\x1F\x7F-\x9F]\[\d+m)*(?=::)/u, "$&\\")
    .replaceAll("##[", String.raw`##\[`);
}

function escaped(character: string): string {
  if (character === "\n") return String.raw`\n`;
  if (character === "\r") return String.raw`\r`;
  const code = character.charCodeAt(0).toString(16);
  return code.length <= 2 ? `\\x${code.padStart(2, "0")}` : `\\u${code.padStart(4, "0")}`;
}
