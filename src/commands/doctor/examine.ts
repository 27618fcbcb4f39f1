/** @module One examination of `doctor`. Its result is a check, and if it fails, a finding that suggests what to type. */
import { OpsError } from "../../report/error.ts";
import { errorFinding } from "../../report/report-body.ts";
import type { Check, Finding, Json } from "../../report/report.ts";

export interface Examination {
  readonly checks: Check[];
  readonly findings: Finding[];
}

/** Runs an examination. An `OpsError` becomes a failed check and a finding with its hint. */
export async function examine<T>(
  found: Examination,
  id: string,
  expected: string,
  inspect: () => Promise<{
    value: T;
    measured: string;
    evidence: { readonly [key: string]: Json };
  }>,
): Promise<T | null> {
  try {
    const { value, measured, evidence } = await inspect();
    const passes = expected !== "ok" || measured === "ok";
    found.checks.push({ id, outcome: passes ? "pass" : "fail", measured, expected, evidence });
    return value;
  } catch (error) {
    if (!(error instanceof OpsError)) throw error;
    found.checks.push({ id, outcome: "fail", measured: error.code, expected, evidence: {} });
    found.findings.push(errorFinding(error, "error"));
    return null;
  }
}
