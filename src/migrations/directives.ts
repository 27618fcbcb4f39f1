/**
 * What a migration asks of d1ops itself, in comments. There is one thing: `-- d1ops:requires backfill NAME`. A line that was meant for one
 * and is none would leave the migration without its gate, so that it is told and never passed over. Pure.
 * @module
 */
import { positionAt } from "../sql/position.ts";
import { tokens } from "../sql/tokens.ts";

export interface Directives {
  /** Names of backfills, as the lines have them. */
  readonly requires: readonly string[];
  readonly misspelt: readonly Misspelt[];
}

export interface Misspelt {
  /** One-based. */
  readonly line: number;
  readonly text: string;
}

const REQUIRES = /^--\s*d1ops:requires\s+backfill\s+(\S+)\s*$/;

/** `-- D1OPS: …`, `-- d1op:requires backfill x`, `-- requires backfill x`; not a sentence in which the words come up. */
const MEANT =
  /^[-\s]*(?:d1ops\W*(?::|requires?\b)|[\w-]+\s*:\s*requires?\s+backfill\b|requires?\s+backfill\s+\S+\s*$)/im;

/** Only a comment of its own counts, from the beginning of its line: not what looks like one in a text or in a block comment. */
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
