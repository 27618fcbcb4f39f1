/**
 * Where in a text: line and column, and a few lines of it to show.
 * A line ends with a line feed, with carriage return and line feed, or with a carriage return alone, as in editors.
 * @module
 */
import { layOut } from "./row.ts";

/** Both one-based; columns are UTF-16 units, as editors and language servers count them. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The place of an offset. One past the end of the text is the end of the text. */
export function positionAt(text: string, offset: number): Position {
  const at = Math.min(Math.max(offset, 0), text.length);
  return { line: 1 + countLines(text, 0, at), column: 1 + at - lineStart(text, at) };
}

/** How many lines end between two offsets. */
export function countLines(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at += 1) if (endsLine(text, at)) count += 1;
  return count;
}

/** Is this the last unit of a line's ending? */
function endsLine(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit === 10 || (unit === 13 && text.charCodeAt(at + 1) !== 10);
}

function lineStart(text: string, offset: number): number {
  let start = offset;
  while (start > 0 && !endsLine(text, start - 1)) start -= 1;
  return start;
}

/** Where the line's own text ends, its ending left out. */
function lineEnd(text: string, offset: number): number {
  let end = offset;
  while (end < text.length && text.charCodeAt(end) !== 10 && text.charCodeAt(end) !== 13) end += 1;
  return end;
}

const LINES_BEFORE = 2;

/**
 * The line of the culprit with a caret under each of its characters, two lines before it and one after:
 *
 * ```
 *  11 | -- who may see what
 *  12 | CREATE TABEL roles (id);
 *     |        ^^^^^
 *  13 | CREATE INDEX roles_id ON roles (id);
 * ```
 *
 * A culprit over several lines has carets on its first line only; one of length 0 has one caret; length null has none.
 */
export function excerpt(text: string, offset: number, length: number | null): string {
  const at = Math.min(Math.max(offset, 0), text.length);
  const line = positionAt(text, at).line;
  const start = lineStart(text, at);
  const end = lineEnd(text, start);
  // Between carriage return and line feed is still the end of the line.
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
