/** @module The report as one JSON object, for scripts. Parsing it returns the same report. */
import type { Report } from "./report.ts";

/** Characters that JSON allows, and that are unsafe in a terminal, a log or an old parser. */
const risky = /[\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/gu;

export function jsonReport(report: Report): string {
  return `${jsonText(report, 2)}\n`;
}

/** JSON in which each character that is unsafe to print is an escape. The value stays the same. */
export function jsonText(value: unknown, indent = 0): string {
  return JSON.stringify(value, null, indent)
    .replace(risky, (character) => (character === "\n" ? character : escape(character)))
    .replaceAll("##[", String.raw`##\u005b`);
}

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
