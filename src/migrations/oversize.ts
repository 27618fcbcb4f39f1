/**
 * The size limits of a request to D1. A migration is one request, so a larger file could never be applied. Pure.
 * @module
 */
import type { Migration } from "./migration.ts";

/** Bytes per statement (developers.cloudflare.com/d1/platform/limits; workerd's own limit is the same). */
export const STATEMENT_BYTES = 100_000;

/** Bytes per request at Cloudflare's edge (developers.cloudflare.com/workers/platform/limits). D1 documents no limit of its own. */
export const REQUEST_BYTES = 100_000_000;

export interface Oversize {
  readonly kind: "too-large";
  readonly migration: Migration;
  /** 0-based; null for the whole file. */
  readonly statement: number | null;
  readonly bytes: number;
  readonly limit: number;
}

/** Returns the first part of a migration that is too large. Only a long file is split into statements. */
export function oversizeOf(migration: Migration): Oversize | null {
  const { text, statements } = longEnough(migration);
  const statement = statements.findIndex((one) => bytesOf(one.text) > STATEMENT_BYTES);
  if (statement >= 0) {
    const bytes = bytesOf(statements[statement]?.text ?? "");
    return { kind: "too-large", migration, statement, bytes, limit: STATEMENT_BYTES };
  }
  const bytes = bytesOf(text);
  return bytes > REQUEST_BYTES
    ? { kind: "too-large", migration, statement: null, bytes, limit: REQUEST_BYTES }
    : null;
}

const NOTHING = { text: "", statements: [] } as const;

/** A UTF-16 unit is at most three bytes of UTF-8. */
function longEnough(migration: Migration): Pick<Migration, "text" | "statements"> {
  return migration.text.length * 3 > STATEMENT_BYTES ? migration : NOTHING;
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
