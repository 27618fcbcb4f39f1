/**
 * What the program makes of what the database has said about a session, and of the document in it.
 * @module
 */
import type { Verdict } from "../../../src/index.ts";

/** Of `standing` or `document`, where that settles the matter; null: it goes on. */
export function settledBy(text: unknown): Verdict | null {
  const [, outcome, reason = ""] = /^(invalid|skipped): (.+)$/.exec(String(text)) ?? [];
  return outcome === "invalid" || outcome === "skipped" ? { outcome, reason } : null;
}

export type Answers = ReadonlyMap<string, unknown>;

/** An object's values by their keys; of anything else, none. */
export function answersOf(value: unknown): Answers {
  return new Map<string, unknown>(
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.entries(value)
      : [],
  );
}

/** Of a document that the database took for an object. Null where a text in it is none: half of a surrogate pair. */
export function readAnswers(document: unknown): Answers | null {
  if (typeof document !== "string") return new Map();
  let unicode = true;
  const parsed: unknown = JSON.parse(document, (key: string, value: unknown) => {
    unicode &&= key.isWellFormed() && (typeof value !== "string" || value.isWellFormed());
    return value;
  });
  return unicode ? answersOf(parsed) : null;
}

/** A text that says something, as it is; null for one that is missing, empty or blank. */
export function said(value: unknown): string | null {
  return typeof value === "string" && value.trim() !== "" ? value : null;
}
