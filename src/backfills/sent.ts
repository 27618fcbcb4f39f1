/**
 * What becomes of a batch that is sent.
 * @module
 */
import { refusalOf } from "../failure/kind.ts";
import type { D1Result } from "../database/port.ts";
import { OpsError } from "../report/error.ts";
import { textOfThrown } from "./thrown.ts";
import type { Ending } from "./run-request.ts";
import type { Row } from "./backfill-state.ts";

/** A refusal whose reason is looked at by the loop. */
export type Sent =
  | { readonly kind: "done"; readonly answers: D1Result<Row>[] }
  | { readonly kind: "refused"; readonly message: string }
  | { readonly kind: "ended"; readonly ending: Ending }
  | { readonly kind: "moved" };

export function ended(how: string): Sent {
  return { kind: "ended", ending: { kind: "stopped", how } };
}

export function isInterruption(error: unknown): boolean {
  return error instanceof OpsError && error.code === "INTERRUPTED";
}

/** It was carried out, and its answer has integers that D1's API rounds: only a question can be asked again for them. */
export function isInexact(error: unknown): error is OpsError {
  return error instanceof OpsError && error.code === "VALUE_INEXACT";
}

/** What was thrown, by the database or by a program. */
export function messageOf(error: unknown): string {
  return refusalOf(error)?.reason ?? textOfThrown(error);
}

/** Rows, as D1 has counted them. */
export function costOfAll(answers: readonly Pick<D1Result<unknown>, "meta">[]): {
  read: number;
  written: number;
} {
  return answers.reduce(
    ({ read, written }, { meta }) => ({
      read: read + meta.rows_read,
      written: written + meta.rows_written,
    }),
    { read: 0, written: 0 },
  );
}
