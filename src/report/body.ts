/**
 * What a verb found, before it is a whole report.
 * @module
 */
import type { Report } from "./report.ts";

export type Body = Pick<Report, "outcome" | "summary"> &
  Partial<Pick<Report, "exitCode" | "steps" | "findings" | "checks" | "data" | "next">>;
