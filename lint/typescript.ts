import type { parse } from "@textlint/markdown-to-ast";
import { parseSync, Visitor } from "oxc-parser";
import { words } from "./rules.ts";

type Document = ReturnType<typeof parse>;

interface Span {
  readonly start: number;
  readonly end: number;
}

/** SQL, programs, markup, style sheets and JSON are not sentences, although they have words. Neither are lists of keywords. */
const CODE =
  /^\s*(?:[<{[(]|-- |:root\b|[A-Z_\s]+$|(?:import|export)\b[^;]*;|(?:SELECT|INSERT|UPDATE|DELETE|CREATE|WITH|DROP|ALTER|PRAGMA|REPLACE|VALUES)\b)/;

/** Where a text breaks although no sentence ends: a blank line, an item, a row, a tag of a docstring, a `\n` in a string, a gap between columns. */
const BREAKS = /(\n[ \t]*(?=\n|- |\* |\||@|\d+\. | {4})|\\n|(?<=\S) {4,}(?=\S))/;

const blank = (text: string): string => text.replace(/[^\n]/g, " ");

/** Text of the same length, so that every position stays: marks of comments are blank, and code spans are one word each. */
const plain = (source: string): string =>
  source
    .replace(/^\/\*\*?|\*\/$|^[ \t]*(?:\/\/|\*(?!\/))/gm, blank)
    .replace(/(\\?`)([^`]*?)(\\?`)/g, (span) => span.replace(/[^\n]/g, "_").replace(/^_/, "x"));

/** Adjacent line comments are one text. */
function comments(source: string, found: readonly (Span & { type: string })[]): Span[] {
  const spans: { start: number; end: number }[] = [];
  let line = false;
  for (const { type, start, end } of found) {
    const last = spans.at(-1);
    const adjacent = last && /^\s*$/.test(source.slice(last.end, start));
    const alone = /\n[ \t]*$/.test(source.slice(0, start));
    if (line && type === "Line" && adjacent && alone) last.end = end;
    else spans.push({ start, end });
    line = type === "Line" && (alone || start === 0);
  }
  return spans;
}

/** The texts of a TypeScript file: its comments, and its strings and templates of at least four words. */
function texts(path: string, source: string): { start: number; text: string }[] {
  const { program, comments: found } = parseSync(path, source);
  const spans = comments(source, found).map(({ start, end }) => ({
    start,
    text: plain(source.slice(start, end)),
  }));
  const string = ({ start, end }: Span, holes: readonly Span[] = []): void => {
    let text = source.slice(start, end);
    for (const hole of holes) {
      const [from, to] = [hole.start - start, hole.end - start];
      text = text.slice(0, from) + text.slice(from, to).replace(/[^\n]/g, "_") + text.slice(to);
    }
    text = ` ${text.slice(1, -1)} `.replace(/\$\{(_*)\}/g, "x_$1_");
    if (!CODE.test(text) && words(text) >= 4) spans.push({ start, text: plain(text) });
  };
  new Visitor({
    Literal: (node) => {
      if (typeof node.value === "string") string(node);
    },
    TemplateLiteral: (node) => string(node, node.expressions),
  }).visit(program);
  return spans;
}

/** textlint's tree of a TypeScript file: a paragraph for each text, at its place in the file. */
export function tree(source: string, path: string): Document {
  const lines = [...source.matchAll(/^/gm)].map(({ index }) => index);
  const position = (offset: number): { line: number; column: number } => {
    const line = lines.findLastIndex((start) => start <= offset);
    return { line: line + 1, column: offset - (lines[line] ?? 0) };
  };
  const place = (start: number, raw: string): Pick<Document, "raw" | "range" | "loc"> => ({
    raw,
    range: [start, start + raw.length],
    loc: { start: position(start), end: position(start + raw.length) },
  });
  const paragraphs = texts(path, source).flatMap(({ start, text }) => {
    let at = start;
    return text.split(BREAKS).flatMap((piece): Document["children"] => {
      const from = at;
      at += piece.length;
      if (words(piece) === 0 || piece === "\\n") return [];
      const child = { type: "Str" as const, value: piece, ...place(from, piece) };
      return [{ type: "Paragraph", children: [child], ...place(from, piece) }];
    });
  });
  return { type: "Document", children: paragraphs, ...place(0, source) };
}
