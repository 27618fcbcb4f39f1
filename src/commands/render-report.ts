/** @module Renders a report as text, for scripts. */
import * as kinds from "../options/kinds.ts";
import { optionsOf } from "../options/check-options.ts";
import { REPORT } from "../options/report-kinds.ts";
import { type Paint, plain } from "../report/text-style.ts";
import type { Report } from "../report/report.ts";
import { type Format, formats, renderReport as render } from "../report/reporters.ts";

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

const readRequest = optionsOf<RenderRequest>("renderReport", {
  format: kinds.oneOf(formats),
  report: REPORT,
  options: kinds.object<RenderReportOptions>({
    width: kinds.optional(kinds.columns),
    verbose: kinds.optional(kinds.flag),
    quiet: kinds.optional(kinds.flag),
    unicode: kinds.optional(kinds.flag),
    paint: kinds.optional(
      kinds.objectWith<Paint>("an object with a function for each colour", [
        "red",
        "yellow",
        "green",
        "cyan",
        "dim",
        "bold",
      ]),
    ),
    prefix: kinds.optional(kinds.text),
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
