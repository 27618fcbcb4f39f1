/**
 * What a verb answers or throws, its suggested commands completed with what was typed.
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

/** The same error, its hint completed; one that suggests nothing, or is none of ours, as it is. */
export function completeError(error: unknown, typed: TypedCommand): unknown {
  if (!(error instanceof OpsError)) return error;
  const hint = complete(error.hint, typed);
  if (hint === error.hint) return error;
  return withText(error, { message: error.message, hint });
}
