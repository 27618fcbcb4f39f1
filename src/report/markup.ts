/**
 * Text inside XML and HTML, in elements and in quoted attributes.
 * @module
 */
import { printable, printableLines } from "./printable.ts";

/** On one line. */
export function markup(text: string): string {
  return escaped(printable(text));
}

/** Over several lines; inside an attribute a line end is written as a reference, or it would become a space. */
export function markupLines(text: string, lineEnd = "\n"): string {
  return printableLines(text).map(escaped).join(lineEnd);
}

/** ` name="value"` for each value there is. */
export function attributes(values: Readonly<Record<string, string | number | undefined>>): string {
  return Object.entries(values)
    .map(([name, value]) =>
      value === undefined ? "" : ` ${name}="${markupLines(String(value), "&#10;")}"`,
    )
    .join("");
}

/** `>` too, so that no `]]>` is left; and what GitHub's runner would obey in a log is written as references. */
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
