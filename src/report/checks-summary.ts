/** @module The summary of a report that consists of checks. */
import type { Check, Report } from "./report.ts";
import { count } from "./wording.ts";

export function hasFailed({ outcome }: Check): boolean {
  return outcome === "fail";
}

/** `12 checks, 1 warning, 2 not checked`, `3 of 12 checks failed` */
export function checksSummary({ checks, findings }: Pick<Report, "checks" | "findings">): string {
  const failed = checks.filter(hasFailed).length;
  if (failed > 0) return `${failed} of ${checks.length} checks failed`;
  const warnings = findings.filter(({ level }) => level === "warning").length;
  const warned = checks.filter(({ outcome }) => outcome === "warn").length + warnings;
  const unchecked = checks.filter(({ outcome }) => outcome === "not-checked").length;
  const open = [
    ...(warned === 0 ? [] : [count(warned, "warning")]),
    ...(unchecked === 0 ? [] : [`${unchecked} not checked`]),
  ];
  return `${checks.length} checks, ${open.length === 0 ? "all passed" : open.join(", ")}`;
}
