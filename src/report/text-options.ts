/**
 * The options of a text report, and its colours.
 * @module
 */

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

/** `terminal/style.ts` makes the functions that colour. */
export type Paint = Readonly<
  Record<"red" | "yellow" | "green" | "cyan" | "dim" | "bold", (text: string) => string>
>;

const same = (text: string): string => text;

/** Does not colour. */
export const plain: Paint = {
  red: same,
  yellow: same,
  green: same,
  cyan: same,
  dim: same,
  bold: same,
};
