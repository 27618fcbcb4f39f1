/**
 * Completes the commands that the report or the error of a verb suggests.
 * @module
 */
import { withText } from "../report/error-class.ts";
import { OpsError } from "../report/error.ts";
import type { Report } from "../report/report.ts";
import { complete, type TypedCommand } from "./command-line.ts";

export function completeReport(report: Report, typed: TypedCommand): Report {
  return {
    ...report,
    next: report.next.map((text) => complete(text, typed)),
    findings: report.findings.map((finding) =>
      finding.help === undefined ? finding : { ...finding, help: complete(finding.help, typed) },
    ),
  };
}

/** Returns the same error with a completed hint. Returns an error of another kind, or without a command, unchanged. */
export function completeError(error: unknown, typed: TypedCommand): unknown {
  if (!(error instanceof OpsError)) return error;
  const hint = complete(error.hint, typed);
  if (hint === error.hint) return error;
  return withText(error, { message: error.message, hint });
}
