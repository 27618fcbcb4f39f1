/** @module Compares the rows of a run: matches those of both sides by their keys. */
import type { TableChunk } from "../store/manifest.ts";
import type { KeyOf, Pairing } from "./pair-rows.ts";
import type { Run } from "./chunk-runs.ts";
import { scanRows } from "./scan-rows.ts";
import type { ReadText } from "./side.ts";

/** A row, as SQL literals in the order of its columns. */
export type Row = readonly string[];

export interface RowSink {
  /** Null: this side has no row with that key. */
  readonly pair: (left: Row | null, right: Row | null) => void;
  /** Counts rows that have no counterpart, without their contents. */
  readonly count: (side: "left" | "right", rows: number) => void;
  /** False if `count` is enough. */
  readonly wantsRows: () => boolean;
  /** Called after each chunk, for a sink that passes on what it has received. */
  readonly flush?: () => Promise<void>;
}

export interface RowSource {
  readonly pairing: Pairing;
  readonly read: { readonly left: ReadText; readonly right: ReadText };
}

/**
 * Reads the chunks of both sides in turn, the one that begins first before the other, and keeps only rows that have not found their
 * counterpart. If the key is one integer, d1ops knows the order of the rows, and settles a row as soon as the other side has passed it.
 * The memory then has about two chunks of each side, even if every key of a table is new. The order of other keys depends on collations:
 * with them, the memory is bounded by the rows of the run that have no counterpart.
 */
export async function joinRun(
  run: Run,
  { pairing, read }: RowSource,
  sink: RowSink,
): Promise<void> {
  const isNumbered = pairing.key.length === 1;
  const left = new Queue(run.left, read.left, pairing.left);
  const right = new Queue(run.right, read.right, pairing.right);
  for (;;) {
    const next = firstOf(left, right);
    if (next === null) break;
    const [queue, other] = next === "left" ? [left, right] : [right, left];
    if (other.isDone && !sink.wantsRows()) {
      sink.count(next, queue.skip());
      continue;
    }
    for (const [key, row] of await queue.load()) {
      const match = other.take(key);
      if (match === null) queue.keep(key, row);
      else if (next === "left") sink.pair(row, match);
      else sink.pair(match, row);
    }
    for (const row of left.settled(right.next, isNumbered)) sink.pair(row, null);
    for (const row of right.settled(left.next, isNumbered)) sink.pair(null, row);
    await sink.flush?.();
  }
}

/** The side whose next chunk is to be read. Null if both are at their end. */
function firstOf(left: Queue, right: Queue): "left" | "right" | null {
  if (left.next === null) return right.next === null ? null : "right";
  if (right.next === null) return "left";
  const [a, b] = [integer(left.next.from), integer(right.next.from)];
  if (a !== null && b !== null && a !== b) return a < b ? "left" : "right";
  return left.loaded <= right.loaded ? "left" : "right";
}

class Queue {
  readonly #chunks: readonly TableChunk[];
  readonly #read: ReadText;
  readonly #keyOf: KeyOf;
  #at = 0;
  /** Rows without a counterpart so far. Tables without a key may have several equal ones. */
  readonly #open = new Map<string, Row[]>();
  loaded = 0;

  constructor(chunks: readonly TableChunk[], read: ReadText, keyOf: KeyOf) {
    this.#chunks = chunks;
    this.#read = read;
    this.#keyOf = keyOf;
  }

  get next(): TableChunk | null {
    return this.#chunks[this.#at] ?? null;
  }

  /** True if no row of this side is left to be matched. */
  get isDone(): boolean {
    return this.next === null && this.#open.size === 0;
  }

  async load(): Promise<(readonly [key: string, row: Row])[]> {
    const chunk = this.#chunks[this.#at];
    if (chunk === undefined) return [];
    this.#at += 1;
    this.loaded += chunk.rows;
    return Array.from(scanRows(await this.#read(chunk)), (row) => [this.#keyOf(row), row]);
  }

  /** Returns the number of rows in the next chunk, which is not read. */
  skip(): number {
    const rows = this.next?.rows ?? 0;
    this.#at += 1;
    return rows;
  }

  take(key: string): Row | null {
    const rows = this.#open.get(key);
    const row = rows?.pop() ?? null;
    if (rows?.length === 0) this.#open.delete(key);
    return row;
  }

  keep(key: string, row: Row): void {
    const rows = this.#open.get(key);
    if (rows === undefined) this.#open.set(key, [row]);
    else rows.push(row);
  }

  /** Takes the rows that no row of the other side can match, whose next chunk is `other`. */
  settled(other: TableChunk | null, isNumbered: boolean): Row[] {
    const limit = isNumbered && other !== null ? integer(other.from) : null;
    if (other !== null && limit === null) return [];
    const settled: Row[] = [];
    for (const [key, rows] of this.#open) {
      const number = limit === null ? null : integer(key);
      if (limit !== null && (number === null || number >= limit)) continue;
      settled.push(...rows);
      this.#open.delete(key);
    }
    return settled;
  }
}

export function isInteger(literal: string): boolean {
  return /^-?\d+$/.test(literal);
}

function integer(literal: string | null): bigint | null {
  return literal !== null && isInteger(literal) ? BigInt(literal) : null;
}
