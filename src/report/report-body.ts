/**
 * The part of a report that a verb itself provides. `project/project.ts` adds the rest.
 * @module
 */
import type { Finding, Report } from "./report.ts";

export type Body = Pick<Report, "outcome" | "summary"> &
  Partial<Pick<Report, "exitCode" | "steps" | "findings" | "checks" | "data" | "next">>;

/** Puts `first` before the body's own findings, because they may explain them. */
export function withFindingsFirst(body: Body, first: readonly Finding[]): Body {
  return first.length === 0 ? body : { ...body, findings: [...first, ...(body.findings ?? [])] };
}
