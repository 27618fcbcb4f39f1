/**
 * Renders a report as text, for scripts.
 * @module
 */
import * as kinds from "../options/kinds.ts";
import { type Kind, optional } from "../options/kinds.ts";
import { optionsOf } from "../options/check-options.ts";
import { type Paint, plain } from "../report/paint.ts";
import type { Check, Finding, Json, Report, Step, Target } from "../report/report.ts";
import { type Format, formats, renderReport as render } from "../report/reporters.ts";
import { TARGET } from "../project/project-options.ts";

export interface RenderReportOptions {
  /** Columns of a text report. Default: `Infinity`, which does not wrap lines. */
  readonly width?: number;
  /** Shows every step, the rows read, the evidence and the time of the run. Default: false. */
  readonly verbose?: boolean;
  /** Shows only errors and warnings. Default: false. */
  readonly quiet?: boolean;
  /** Uses marks beyond ASCII. Default: true. */
  readonly unicode?: boolean;
  /** Colours the text. Default: no colours. */
  readonly paint?: Paint;
  /** For GitHub annotations: the project's folder in the repository. */
  readonly prefix?: string;
}

interface RenderRequest {
  readonly format: Format;
  readonly report: Report;
  readonly options: RenderReportOptions;
}

const measured = kinds.number(0, Number.MAX_SAFE_INTEGER);
const anyObject: Kind<{ readonly [key: string]: Json }> = kinds.objectWith("an object", []);

const readRequest = optionsOf<RenderRequest>("renderReport", {
  format: kinds.oneOf(formats),
  report: kinds.serializable(
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
          note: optional(kinds.text),
        }),
      ),
      findings: kinds.listOf(
        kinds.openObject<Finding>({
          rule: kinds.text,
          level: kinds.oneOf(["error", "warning", "info"]),
          message: kinds.text,
          help: optional(kinds.text),
          file: optional(kinds.text),
          line: optional(measured),
          table: optional(kinds.text),
          excerpt: optional(kinds.text),
          data: optional(anyObject),
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
      next: kinds.listOf(kinds.text),
    }),
  ),
  options: kinds.object<RenderReportOptions>({
    width: optional(kinds.columns),
    verbose: optional(kinds.flag),
    quiet: optional(kinds.flag),
    unicode: optional(kinds.flag),
    paint: optional(
      kinds.objectWith<Paint>("an object with a function for each colour", [
        "red",
        "yellow",
        "green",
        "cyan",
        "dim",
        "bold",
      ]),
    ),
    prefix: optional(kinds.text),
  }),
});

/**
 * Ends with a line end. Empty only for a quiet `text` report without errors and warnings.
 * @throws OpsError OPTION_INVALID
 */
export async function renderReport(
  format: Format,
  report: Report,
  options: RenderReportOptions = {},
): Promise<string> {
  const request = readRequest({ format, report, options });
  return render(request.format, request.report, {
    paint: plain,
    width: Infinity,
    verbose: false,
    quiet: false,
    unicode: true,
    ...request.options,
  });
}
