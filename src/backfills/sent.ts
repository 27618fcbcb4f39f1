/**
 * What becomes of a batch that is sent.
 * @module
 */
import type { D1Result } from "../database/port.ts";
import { OpsError } from "../report/error.ts";
import { textOfThrown } from "./thrown.ts";
import type { Ending } from "./run-request.ts";
import type { Row } from "./state.ts";

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

export function isRefusal(error: unknown): error is Error {
  return error instanceof Error && error.message.startsWith("D1_ERROR: ");
}

export function messageOf(error: unknown): string {
  return textOfThrown(error).replace(/^D1_ERROR: /, "");
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
