/**
 * Converts offsets into lines and columns, and renders excerpts of a file.
 * As in editors, LF, CRLF or CR alone ends a line.
 * @module
 */
import { layOut } from "./row.ts";

/** Line and column, both one-based. Columns are UTF-16 units, as in editors and language servers. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Returns the position of an offset. An offset past the end of the text counts as its end. */
export function positionAt(text: string, offset: number): Position {
  const at = Math.min(Math.max(offset, 0), text.length);
  return { line: 1 + countLines(text, 0, at), column: 1 + at - lineStart(text, at) };
}

export function countLines(text: string, from: number, to: number): number {
  let count = 0;
  LINE_END.lastIndex = from;
  while (LINE_END.test(text) && LINE_END.lastIndex <= to) count += 1;
  return count;
}

/** {@link endsLine} as a regular expression, which is faster than a call per unit. */
const LINE_END = /\n|\r(?!\n)/g;

function endsLine(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit === 10 || (unit === 13 && text.charCodeAt(at + 1) !== 10);
}

function lineStart(text: string, offset: number): number {
  let start = offset;
  while (start > 0 && !endsLine(text, start - 1)) start -= 1;
  return start;
}

/** The end of a line, without its line ending. */
function lineEnd(text: string, offset: number): number {
  let end = offset;
  while (end < text.length && text.charCodeAt(end) !== 10 && text.charCodeAt(end) !== 13) end += 1;
  return end;
}

const LINES_BEFORE = 2;

/**
 * Renders the line of the culprit with carets below it, two lines before it and one line after it:
 *
 * ```
 *  11 | -- who may see what
 *  12 | CREATE TABEL roles (id);
 *     |        ^^^^^
 *  13 | CREATE INDEX roles_id ON roles (id);
 * ```
 *
 * A culprit of several lines gets carets on its first line only. A culprit of length 0 gets one caret, of length null none.
 */
export function excerpt(text: string, offset: number, length: number | null): string {
  const at = Math.min(Math.max(offset, 0), text.length);
  const line = positionAt(text, at).line;
  const start = lineStart(text, at);
  const end = lineEnd(text, start);
  // An offset between CR and LF is still the end of the line.
  const from = Math.min(at, end) - start;
  const to = Math.min(at + Math.max(length ?? 0, 1), end) - start;
  const shown = layOut(text.slice(start, end), from, to);

  const rows: [number | null, string][] = [];
  let before = start;
  for (let back = 1; back <= LINES_BEFORE && before > 0; back += 1) {
    before = lineStart(text, before - 1);
    rows.unshift([line - back, plain(text, before)]);
  }
  rows.push([line, shown.text]);
  if (length !== null) rows.push([null, shown.carets]);
  const next = text.startsWith("\r\n", end) ? end + 2 : end + 1;
  if (next < text.length) rows.push([line + 1, plain(text, next)]);

  const width = Math.max(...rows.map(([number]) => String(number ?? "").length));
  return rows
    .map(([number, row]) => ` ${String(number ?? "").padStart(width)} | ${row}`.trimEnd())
    .join("\n");
}

function plain(text: string, start: number): string {
  return layOut(text.slice(start, lineEnd(text, start)), 0, 0).text;
}
