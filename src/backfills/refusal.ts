/**
 * What an error of the database says.
 * @module
 */
import { OpsError } from "../report/error.ts";

export function isInterruption(error: unknown): boolean {
  return error instanceof OpsError && error.code === "INTERRUPTED";
}

export function isRefusal(error: unknown): error is Error {
  return error instanceof Error && error.message.startsWith("D1_ERROR: ");
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/^D1_ERROR: /, "") : String(error);
}
