/** @module Measures, pads and wraps text by the columns of a terminal. */

/** ASCII, and the signs that d1ops itself prints. */
const plain = /^[\x20-\x7E\u00B7\u2013\u2014\u2022\u2026\u2192\u2713\u2717]*$/;

/** The columns of a printable text: two for an emoji or a CJK character, none for a combining mark. */
export function columns(text: string): number {
  if (plain.test(text)) return text.length;
  let width = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) width += columnsOf(segment);
  return width;
}

/** Node takes milliseconds to parse these expressions, so it does so only when a text needs them. */
function columnsOf(segment: string): number {
  const wide =
    /\p{Emoji_Presentation}|\uFE0F|[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|[\u{1F200}-\u{1F265}\u{20000}-\u{3FFFD}]/u;
  const noWidth = /^[\p{M}\p{Cf}]+$/u;
  if (wide.test(segment)) return 2;
  return noWidth.test(segment) ? 0 : 1;
}

export function widest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, columns(text)), 0);
}

export function padEnd(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - columns(text)));
}

export function padStart(text: string, width: number): string {
  return " ".repeat(Math.max(0, width - columns(text))) + text;
}

/** The start of a text, up to `width` columns. */
export function clip(text: string, width: number): string {
  if (columns(text) <= width) return text;
  let start = "";
  let used = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    used += columns(segment);
    if (used > width) break;
    start += segment;
  }
  return start;
}

/** A command stays on one line, however long: pasted as two lines, it would be two commands. The terminal wraps it. */
const COMMAND = String.raw`(?<=^|: )(?:npx|pnpm|yarn|bunx|node|d1ops|git|iconv|ls|mkdir|mv|rm) .+$`;
const WORDS = new RegExp(String.raw`${COMMAND}|(?:[^ ${"`"}]|${"`"}[^${"`"}]*${"`"}|${"`"})+`, "g");

/** Breaks one line at its spaces. It does not break a long word, such as a path, so that it can be copied. */
export function wrap(line: string, width: number): string[] {
  const limit = Math.max(20, width);
  if (columns(line) <= limit) return [line];
  const lines: string[] = [];
  let current = "";
  let used = 0;
  for (const word of line.match(WORDS) ?? []) {
    const size = columns(word);
    if (used > 0 && used + 1 + size > limit) {
      lines.push(current);
      current = word;
      used = size;
    } else {
      current = used === 0 ? word : `${current} ${word}`;
      used += size + (used === 0 ? 0 : 1);
    }
  }
  if (current !== "") lines.push(current);
  return lines;
}
