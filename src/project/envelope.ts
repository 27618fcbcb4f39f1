/** @module Makes a `Report` from what a verb returns. */
import type { Body } from "../report/report-body.ts";
import type { ExitCode, Outcome, Report, UsedSetting } from "../report/report.ts";
import { packageVersion } from "../version.ts";

type Envelope = Pick<Report, "command" | "target" | "durationMs"> & {
  readonly startedAt: Date;
  readonly settings: readonly UsedSetting[];
};

/** `exitCode` follows from `outcome`, unless the verb sets it. */
export function reportOf(
  { command, target, startedAt, durationMs, settings }: Envelope,
  body: Body,
): Report {
  return {
    format: 1,
    command,
    tool: toolName(),
    target,
    startedAt: startedAt.toISOString(),
    durationMs: Math.round(durationMs),
    exitCode: EXIT_CODES[body.outcome],
    steps: [],
    findings: [],
    checks: [],
    data: {},
    ...(settings.length > 0 && { settings }),
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
