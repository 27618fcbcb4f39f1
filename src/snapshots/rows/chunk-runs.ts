/** @module Aligns the chunks of a table on two sides: which of them differ, and which may contain the same keys. */
import type { TableChunk } from "../store/manifest.ts";

/** Chunks whose rows must be compared with each other, and with no others. */
export interface Run {
  readonly left: readonly TableChunk[];
  readonly right: readonly TableChunk[];
}

export interface Alignment {
  /** True if both sides order the keys alike. */
  readonly sameOrder: boolean;
  /** True if equal texts are equal rows. */
  readonly sameColumns: boolean;
}

/**
 * A chunk ends where a row with a certain hash of its key begins, so both sides cut at the same keys, except where such a row was added or
 * removed. A key at which both cut divides the rows of both. A run is what lies between two such keys, without the chunks that are equal.
 * Usually it is one chunk of each side.
 */
export function runsOf(
  left: readonly TableChunk[],
  right: readonly TableChunk[],
  { sameOrder, sameColumns }: Alignment,
): Run[] {
  const cuts = sameOrder ? commonCuts(left, right) : new Set<string>();
  const [before, after] = [divided(left, cuts), divided(right, cuts)];
  return before
    .map((part, i) => ({ left: part, right: after[i] ?? [] }))
    .map((run) => (sameColumns ? withoutEqual(run) : run))
    .filter((run) => run.left.length > 0 || run.right.length > 0);
}

/** Empty if both sides have these keys in another order: a column may have got another collation. */
function commonCuts(left: readonly TableChunk[], right: readonly TableChunk[]): Set<string> {
  const [before, after] = [cutsOf(left), cutsOf(right)];
  const inLeft = new Set(before);
  const common = new Set(after.filter((cut) => inLeft.has(cut)));
  const ordered = [...common];
  const isAlike = before.filter((cut) => common.has(cut)).every((cut, i) => cut === ordered[i]);
  return isAlike ? common : new Set();
}

function cutsOf(chunks: readonly TableChunk[]): string[] {
  return chunks.flatMap(({ from }) => (from === null ? [] : [from]));
}

/** The first part may be empty. */
function divided(chunks: readonly TableChunk[], cuts: ReadonlySet<string>): TableChunk[][] {
  let part: TableChunk[] = [];
  const parts = [part];
  for (const chunk of chunks) {
    if (chunk.from !== null && cuts.has(chunk.from)) parts.push((part = []));
    part.push(chunk);
  }
  return parts;
}

/** Without the chunks that both sides have, each as often as both have it. */
function withoutEqual({ left, right }: Run): Run {
  const shared = new Map<string, number>();
  for (const { id } of right) shared.set(id, (shared.get(id) ?? 0) + 1);
  const matched = new Map<string, number>();
  const rest = left.filter(({ id }) => {
    const seen = matched.get(id) ?? 0;
    if (seen >= (shared.get(id) ?? 0)) return true;
    matched.set(id, seen + 1);
    return false;
  });
  const others = right.filter(({ id }) => {
    const open = matched.get(id) ?? 0;
    matched.set(id, open - 1);
    return open <= 0;
  });
  return { left: rest, right: others };
}
