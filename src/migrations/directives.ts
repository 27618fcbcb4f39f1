/**
 * Directives: comments of a migration for d1ops. The only one is `-- d1ops:requires backfill NAME`. d1ops reports a misspelt directive
 * and never ignores it, because it would leave the migration without its gate. Pure.
 * @module
 */
import { positionAt } from "../sql/position.ts";
import { tokens } from "../sql/tokens.ts";

export interface Directives {
  /** Names of backfills, as written. */
  readonly requires: readonly string[];
  readonly misspelt: readonly Misspelt[];
}

export interface Misspelt {
  /** One-based. */
  readonly line: number;
  readonly text: string;
}

const REQUIRES = /^--\s*d1ops:requires\s+backfill\s+(\S+)\s*$/;

/** Matches `-- D1OPS: …`, `-- d1op:requires backfill x`, `-- requires backfill x`, but not a sentence with these words. */
const MEANT =
  /^[-\s]*(?:d1ops\W*(?::|requires?\b)|[\w-]+\s*:\s*requires?\s+backfill\b|requires?\s+backfill\s+\S+\s*$)/im;

/** True if only its place is wrong: it is indented, or follows other text on its line. */
export function isMisplaced({ text }: Misspelt): boolean {
  return REQUIRES.test(text);
}

/** Reads comments that start at the beginning of a line, and not text inside strings or block comments. */
export function directivesOf(text: string): Directives {
  const requires: string[] = [];
  const misspelt: Misspelt[] = [];
  if (!/require|d1ops/i.test(text)) return { requires, misspelt };
  for (const { start, end } of tokens(text)) {
    if (!text.startsWith("--", start)) continue;
    const comment = text.slice(start, end);
    if (!MEANT.test(comment)) continue;
    const name = beginsLine(text, start) ? REQUIRES.exec(comment)?.[1] : undefined;
    if (name === undefined) {
      misspelt.push({ line: positionAt(text, start).line, text: comment.trim() });
    } else {
      requires.push(name);
    }
  }
  return { requires, misspelt };
}

function beginsLine(text: string, start: number): boolean {
  return start === 0 || text[start - 1] === "\n" || (start === 1 && text.startsWith("\uFEFF"));
}
