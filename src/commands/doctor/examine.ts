/**
 * How `doctor` looks at one thing: it becomes a check, and where it fails a finding that says what to type.
 * @module
 */
import { OpsError } from "../../report/error.ts";
import type { Check, Finding, Json } from "../../report/report.ts";

export interface Examination {
  readonly checks: Check[];
  readonly findings: Finding[];
}

/** Runs one look; an error of ours becomes a failed check with its hint. */
export async function examine<T>(
  found: Examination,
  id: string,
  expected: string,
  look: () => Promise<{ value: T; measured: string; evidence: { readonly [key: string]: Json } }>,
): Promise<T | null> {
  try {
    const { value, measured, evidence } = await look();
    const passes = expected !== "ok" || measured === "ok";
    found.checks.push({ id, outcome: passes ? "pass" : "fail", measured, expected, evidence });
    return value;
  } catch (error) {
    if (!(error instanceof OpsError)) throw error;
    found.checks.push({ id, outcome: "fail", measured: error.code, expected, evidence: {} });
    found.findings.push({
      rule: error.code,
      level: "error",
      message: error.message,
      help: error.hint,
    });
    return null;
  }
}
