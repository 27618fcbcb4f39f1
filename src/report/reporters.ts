/** @module Every format by name. d1ops loads only the reporter that it uses. */
import type { Report } from "./report.ts";
import type { GithubOptions } from "./github.ts";
import type { TextOptions } from "./text-style.ts";

export const formats = ["text", "json", "markdown", "html", "junit", "github", "sarif"] as const;

export type Format = (typeof formats)[number];

export type RenderOptions = TextOptions & GithubOptions;

type Render = (report: Report, options: RenderOptions) => Promise<string>;

const reporters: Record<Format, Render> = {
  text: async (report, options) => (await import("./text.ts")).textReport(report, options),
  json: async (report) => (await import("./json.ts")).jsonReport(report),
  markdown: async (report) => (await import("./markdown.ts")).markdownReport(report),
  html: async (report) => (await import("./html.ts")).htmlReport(report),
  junit: async (report) => (await import("./junit.ts")).junitReport(report),
  github: async (report, options) => (await import("./github.ts")).githubReport(report, options),
  sarif: async (report, options) => (await import("./sarif.ts")).sarifReport(report, options),
};

/** Ends with a line end. Empty only for a quiet `text` report without errors and warnings. */
export function renderReport(
  format: Format,
  report: Report,
  options: RenderOptions,
): Promise<string> {
  return reporters[format](report, options);
}
