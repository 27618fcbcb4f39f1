/**
 * The options of a text report.
 * @module
 */
import type { Paint } from "./paint.ts";

export interface TextOptions {
  readonly paint: Paint;
  /** Columns. `Infinity` does not wrap lines. */
  readonly width: number;
  /** Also shows every step, the rows read, the evidence and the time of the run. */
  readonly verbose: boolean;
  /** Shows only errors and warnings. Without any, the text is empty. */
  readonly quiet: boolean;
  readonly unicode: boolean;
}
