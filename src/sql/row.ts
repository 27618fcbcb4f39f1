/**
 * Renders one line of a file for a terminal, with carets under a part of it. Character widths are approximate, but exact
 * enough to put each caret under the right character.
 * @module
 */

export interface Row {
  /** Without tabs, control characters and characters that change the direction of writing. */
  readonly text: string;
  readonly carets: string;
}

const WIDTH = 100;
/** Columns shown before the culprit if the line is cut. */
const LEAD = 40;
const TAB = "    ";

/** Renders a line with `from` to `to` marked. A line wider than about 100 columns is cut around the marked part. */
export function layOut(line: string, from: number, to: number): Row {
  const fits = line.length <= WIDTH && columns(display(line)) <= WIDTH;
  const start = fits ? 0 : backFrom(line, from);
  const head = display(line.slice(start, from));
  const lead = start > 0 ? "…" : "";
  const room = WIDTH - columns(lead + head);
  const marked = take(line, from, Math.max(to, from), room);
  const tail = take(line, marked.end, line.length, room - columns(marked.text));
  const text = lead + head + marked.text + tail.text + (tail.end < line.length ? "…" : "");
  const caretCount = Math.max(1, columns(marked.text));
  return { text, carets: " ".repeat(columns(lead + head)) + "^".repeat(caretCount) };
}

/** The earliest offset from which at most {@link LEAD} columns lead up to `from`. */
function backFrom(line: string, from: number): number {
  let start = from;
  for (let width = 0; start > 0;) {
    const low = line.charCodeAt(start - 1);
    const pair = low >= 0xdc00 && low <= 0xdfff && (line.codePointAt(start - 2) ?? 0) > 0xffff;
    const previous = start - (pair ? 2 : 1);
    width += columns(display(line.slice(previous, start)));
    if (width > LEAD) break;
    start = previous;
  }
  return start;
}

/** Takes whole characters from `start` up to `end`, as many as fit. */
function take(
  line: string,
  start: number,
  end: number,
  room: number,
): { text: string; end: number } {
  let text = "";
  let at = start;
  for (let left = room; at < end;) {
    const next = Math.min(at + ((line.codePointAt(at) ?? 0) > 0xffff ? 2 : 1), line.length);
    const shown = display(line.slice(at, next));
    left -= columns(shown);
    if (left < 0) break;
    text += shown;
    at = next;
  }
  return { text, end: at };
}

/** Characters that must not reach a terminal: control characters, lone surrogates, direction marks. */
// oxlint-disable-next-line no-control-regex
const UNSAFE = /[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\p{Cs}]/gu;

function display(text: string): string {
  return text.replaceAll(UNSAFE, (unit) => {
    if (unit === "\t") return TAB;
    const code = unit.charCodeAt(0);
    if (code < 32) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? "␡" : "\uFFFD";
  });
}

const ZERO_WIDTH = /[\p{Mn}\p{Me}\u200b-\u200d]/u;
const DOUBLE_WIDTH =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;

function columns(text: string): number {
  let width = 0;
  for (const character of text)
    if (!ZERO_WIDTH.test(character)) width += DOUBLE_WIDTH.test(character) ? 2 : 1;
  return width;
}
