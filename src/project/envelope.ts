/**
 * Puts what a verb found into a `Report`.
 * @module
 */
import type { ExitCode, Outcome, Report, Target } from "../report/report.ts";
import { packageVersion } from "../version.ts";

/** When a verb began. Taken first, so that the report's duration is the whole of it. */
export interface Started {
  readonly at: Date;
  readonly clock: number;
}

export function start(): Started {
  return { at: new Date(), clock: performance.now() };
}

export type Body = Pick<Report, "outcome" | "summary"> &
  Partial<Pick<Report, "exitCode" | "steps" | "findings" | "checks" | "data" | "next">>;

/** `exitCode` follows from `outcome` unless the verb knows better. */
export function report(
  command: string,
  target: Target | null,
  started: Started,
  body: Body,
): Report {
  return {
    format: 1,
    command,
    tool: toolName(),
    target,
    startedAt: started.at.toISOString(),
    durationMs: Math.round(performance.now() - started.clock),
    exitCode: EXIT_CODES[body.outcome],
    steps: [],
    findings: [],
    checks: [],
    data: {},
    next: [],
    ...body,
  };
}

export function toolName(): string {
  return `d1ops ${packageVersion()}`;
}

const EXIT_CODES: Readonly<Record<Outcome, ExitCode>> = {
  ok: 0,
  changed: 0,
  problems: 1,
  failed: 3,
  partial: 4,
};
