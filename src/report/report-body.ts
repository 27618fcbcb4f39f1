/** @module The part of a report that a verb itself provides. `project/project.ts` adds the rest. */
import type { OpsError } from "./error.ts";
import type { Finding, Report, Step } from "./report.ts";

export type Body = Pick<Report, "outcome" | "summary"> &
  Partial<Pick<Report, "exitCode" | "steps" | "findings" | "checks" | "data" | "next">>;

/** Puts `first` before the body's own findings, because they may explain them. */
export function withFindingsFirst(body: Body, first: readonly Finding[]): Body {
  return first.length === 0 ? body : { ...body, findings: [...first, ...(body.findings ?? [])] };
}

/** For a change that `error` ended after a part of it. */
export function partialOutcome({ code }: OpsError): Pick<Body, "outcome" | "exitCode"> {
  return { outcome: "partial", exitCode: code === "INTERRUPTED" ? 130 : 4 };
}

/** The finding for an error that does not end the command. */
export function errorFinding(
  { code, message, hint }: OpsError,
  level: Finding["level"],
  more?: Partial<Finding>,
): Finding {
  return { rule: code, level, message, help: hint, ...more };
}

export function step(name: string, status: Step["status"], note?: string): Step {
  const unmeasured = { durationMs: null, rowsRead: null, rowsWritten: null };
  return { name, status, ...unmeasured, ...(note !== undefined && { note }) };
}

/** Milliseconds, rounded to tenths. */
export function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
