/** @module Evaluates the database's verdict about a session, and reads the document in it. */
import type { Verdict } from "../../../src/index.ts";

/** The verdict of `standing` or `document`, if one is final; null to continue. */
export function settledBy(text: unknown): Verdict | null {
  const [, outcome, reason = ""] = /^(invalid|skipped): (.+)$/.exec(String(text)) ?? [];
  return outcome === "invalid" || outcome === "skipped" ? { outcome, reason } : null;
}

export type Answers = ReadonlyMap<string, unknown>;

/** The values of an object by key; empty for any other value. */
export function answersOf(value: unknown): Answers {
  return new Map<string, unknown>(
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.entries(value)
      : [],
  );
}

/** The values of a document that SQLite accepted as an object. Null if a text in it has half of a surrogate pair. */
export function readAnswers(document: unknown): Answers | null {
  if (typeof document !== "string") return new Map();
  let unicode = true;
  const parsed: unknown = JSON.parse(document, (key: string, value: unknown) => {
    unicode &&= key.isWellFormed() && (typeof value !== "string" || value.isWellFormed());
    return value;
  });
  return unicode ? answersOf(parsed) : null;
}

/** A text, unchanged; null if it is missing, empty or blank. */
export function said(value: unknown): string | null {
  return typeof value === "string" && value.trim() !== "" ? value : null;
}
