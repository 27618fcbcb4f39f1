/**
 * What a reporter knows of colour: six functions from text to text. The coloured ones are made in `terminal/style.ts`.
 * @module
 */

export interface Paint {
  readonly red: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly green: (text: string) => string;
  readonly cyan: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly bold: (text: string) => string;
}

const same = (text: string): string => text;

/** No colour: text stays as it is. */
export const plain: Paint = {
  red: same,
  yellow: same,
  green: same,
  cyan: same,
  dim: same,
  bold: same,
};
