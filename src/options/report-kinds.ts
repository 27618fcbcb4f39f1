/** @module The kinds of a report and of its parts, for functions that take a report. */
import type { Check, Finding, Json, Report, Step, Target, UsedSetting } from "../report/report.ts";
import * as kinds from "./kinds.ts";

const measured = kinds.number(0, Number.MAX_SAFE_INTEGER);
const anyObject: kinds.Kind<{ readonly [key: string]: Json }> = kinds.objectWith("an object", []);

export const TARGET: kinds.Shape<Target> = {
  place: kinds.oneOf(["local", "remote"]),
  database: kinds.text,
  id: kinds.text,
  env: kinds.orNull(kinds.text),
  section: kinds.optional(kinds.orNull(kinds.text)),
};

/** A value that JSON can represent. A newer version may have written more keys. */
export const REPORT: kinds.Kind<Report> = kinds.serializable(
  kinds.openObject<Report>({
    format: kinds.oneOf([1]),
    command: kinds.text,
    tool: kinds.text,
    target: kinds.orNull(kinds.openObject<Target>(TARGET)),
    startedAt: kinds.text,
    durationMs: measured,
    outcome: kinds.oneOf(["ok", "changed", "problems", "failed", "partial"]),
    exitCode: kinds.oneOf([0, 1, 2, 3, 4, 5, 6, 70, 130]),
    summary: kinds.text,
    steps: kinds.listOf(
      kinds.openObject<Step>({
        name: kinds.text,
        status: kinds.oneOf(["planned", "done", "failed", "skipped"]),
        durationMs: kinds.orNull(measured),
        rowsRead: kinds.orNull(measured),
        rowsWritten: kinds.orNull(measured),
        note: kinds.optional(kinds.text),
      }),
    ),
    findings: kinds.listOf(
      kinds.openObject<Finding>({
        rule: kinds.text,
        level: kinds.oneOf(["error", "warning", "info"]),
        message: kinds.text,
        help: kinds.optional(kinds.text),
        file: kinds.optional(kinds.text),
        line: kinds.optional(measured),
        table: kinds.optional(kinds.text),
        excerpt: kinds.optional(kinds.text),
        data: kinds.optional(anyObject),
      }),
    ),
    checks: kinds.listOf(
      kinds.openObject<Check>({
        id: kinds.text,
        outcome: kinds.oneOf(["pass", "warn", "fail", "not-checked"]),
        measured: kinds.orNull(kinds.text),
        expected: kinds.orNull(kinds.text),
        evidence: anyObject,
      }),
    ),
    data: anyObject,
    settings: kinds.optional(
      kinds.listOf(
        kinds.openObject<UsedSetting>({ name: kinds.text, value: kinds.text, from: kinds.text }),
      ),
    ),
    next: kinds.listOf(kinds.text),
  }),
);
