/** @module Escapes text for XML and HTML, in elements and in quoted attributes. */
import { printable, printableLines } from "./printable.ts";

export function markup(text: string): string {
  return escaped(printable(text));
}

/** Text of several lines. In an attribute, `lineEnd` is a reference, because a parser turns a line end into a space. */
export function markupLines(text: string, lineEnd = "\n"): string {
  return printableLines(text).map(escaped).join(lineEnd);
}

/** ` name="value"` for each value that is defined. */
export function attributes(values: Readonly<Record<string, string | number | undefined>>): string {
  return Object.entries(values)
    .map(([name, value]) =>
      value === undefined ? "" : ` ${name}="${markupLines(String(value), "&#10;")}"`,
    )
    .join("");
}

/** Also escapes `>`, so that no `]]>` is left, and the workflow commands that GitHub's runner would execute from a log. */
function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;")
    .replaceAll("##[", "##&#91;")
    .replace(/^(\s*)::/, "$1&#58;:");
}
