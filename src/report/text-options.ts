/**
 * How a report is written as text.
 * @module
 */
import type { Paint } from "./paint.ts";

export interface TextOptions {
  readonly paint: Paint;
  /** Columns; `Infinity` where lines should not be wrapped. */
  readonly width: number;
  /** Every step, rows read, evidence, when it ran. */
  readonly verbose: boolean;
  /** Only problems; nothing at all when there are none. */
  readonly quiet: boolean;
  readonly unicode: boolean;
}
