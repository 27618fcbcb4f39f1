/** @module Writes an error for stderr: as text for people, or as JSON for scripts. */
import type { OpsError } from "./error.ts";
import type { TextOptions } from "./text-style.ts";
import { jsonText } from "./json.ts";
import { clip, wrap } from "./layout.ts";
import { printable, printableLines, withoutRunnerCommand } from "./printable.ts";
import { duration } from "./wording.ts";

export interface ErrorTextOptions extends Pick<TextOptions, "paint" | "width" | "unicode"> {
  /** Adds the stacks of the error and of its causes. */
  readonly debug?: boolean;
}

const longestDetail = 200;

export function errorText(error: OpsError, options: ErrorTextOptions): string {
  const { paint, width } = options;
  const label = `error ${error.code}: `;
  const head = printableLines(error.message)
    .flatMap((line, index) => wrap(index === 0 ? label + line : line, width - 2))
    .map((line, index) => {
      if (index > 0) return `  ${line}`;
      return paint.red(line.slice(0, label.length - 1)) + line.slice(label.length - 1);
    });
  const detailText = details(error, options);
  const lines = [
    ...head,
    ...(detailText === "" ? [] : wrap(detailText, width - 2).map((line) => `  ${paint.dim(line)}`)),
    ...printableLines(error.hint).flatMap((line) =>
      wrap(line, width - 2).map((part) => `  ${part}`),
    ),
    ...(options.debug === true ? stacks(error).map((line) => `  ${paint.dim(line)}`) : []),
  ];
  return lines.map((line) => `${withoutRunnerCommand(line).trimEnd()}\n`).join("");
}

/** One line: `{"error":{"code","message","hint","details"}}`. */
export function errorJson(error: OpsError): string {
  const { code, message, hint } = error;
  return `${jsonText({ error: { code, message, hint, details: error.details } })}\n`;
}

function details(error: OpsError, options: ErrorTextOptions): string {
  return Object.entries(error.details)
    .flatMap(([key, value]: [string, unknown]) => {
      if (value === null || value === undefined || value === "" || hasObjects(value)) return [];
      const name = key
        .replace(/Ms$/, "")
        .replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
      return [`${name}: ${detail(key, value, options)}`];
    })
    .join("; ");
}

/** A list of objects is only in the JSON form. */
function hasObjects(value: unknown): boolean {
  return Array.isArray(value) && value.some((one) => typeof one === "object");
}

function detail(key: string, value: unknown, options: ErrorTextOptions): string {
  if (typeof value === "number") return key.endsWith("Ms") ? duration(value) : String(value);
  if (Array.isArray(value)) return value.length === 0 ? "none" : short(value.join(", "), options);
  return short(typeof value === "string" ? value : jsonText(value), options);
}

/** SQL of several lines becomes one line, cut to {@link longestDetail} columns. The JSON form has all of it. */
function short(text: string, options: ErrorTextOptions): string {
  const line = printable(text.replaceAll(/\s+/g, " ").trim());
  const start = clip(line, longestDetail);
  return start === line ? line : `${start}${options.unicode ? "…" : "..."}`;
}

function stacks(error: OpsError): string[] {
  const lines: string[] = [];
  let cause: unknown = error;
  for (let depth = 0; cause instanceof Error && depth < 5; depth += 1) {
    const stack = printableLines(cause.stack ?? String(cause));
    lines.push(...(depth === 0 ? stack : [`caused by ${stack[0] ?? ""}`, ...stack.slice(1)]));
    cause = cause.cause;
  }
  return lines;
}
