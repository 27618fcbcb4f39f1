/**
 * Whose fault is it that the database refuses a window? Decided by trying, never by what the message says:
 *
 * 1. The same statements fail without any row: the file's.
 * 2. No row has been changed yet, and they fail for each of many other rows too: the file's.
 * 3. Otherwise the row's, once it is alone in its window.
 * @module
 */
import type { D1PreparedStatement } from "../database/port.ts";
import type { Backfill } from "./backfill.ts";
import {
  compiled,
  OTHERS,
  otherRows,
  otherWindows,
  type Trial,
  tried,
  tryBatch,
  withoutRows,
  writesOf,
} from "./probe.ts";
import type { Judged } from "./window-rows.ts";
import type { WindowOrder } from "./window-sql.ts";

/** Fewer rows than these prove nothing: all of a small table may be bad. */
const MANY = 2 * OTHERS;

export interface Refused {
  readonly backfill: Backfill;
  readonly order: WindowOrder;
  readonly message: string;
  /** Of a program: the rows of the window. */
  readonly judged: readonly Judged[];
  readonly prepared: unknown;
}

/** Remembers what was tried, for one run. */
export class Blame {
  /** What the database said, and did not say of the statements alone. */
  readonly #ofRows = new Set<string>();
  #triedOthers = false;

  /** Null: the statements are fine without this window's rows. Otherwise why they are not. */
  async withoutRows({ backfill, order, message, judged }: Refused): Promise<string | null> {
    if (this.#ofRows.has(message)) return null;
    const statements =
      backfill.kind === "sql" ? withoutRows(backfill, order) : compiled(backfill, order, judged);
    const trial = await attempt(backfill, order, statements);
    if (typeof trial === "object") return trial.refused;
    this.#ofRows.add(message);
    return null;
  }

  /** Null: some row passes, or there are too few to tell. Asked once a run, and only while no row was changed. */
  async withOtherRows({ backfill, order, message, prepared }: Refused): Promise<string | null> {
    if (this.#triedOthers || order.progress.counts.changed > 0) return null;
    const others =
      backfill.kind === "sql"
        ? (await otherWindows(backfill, order)).map((known) => tried(backfill, order, known))
        : (await otherRows(backfill, order, prepared)).map((one) =>
            writesOf(order, one, backfill.name),
          );
    if (others.length < MANY) {
      this.#triedOthers = true;
      return null;
    }
    let refused = 0;
    for (const statements of others) {
      const trial = await attempt(backfill, order, statements);
      if (trial === "changed") {
        this.#triedOthers = true;
        return null;
      }
      if (trial !== "idle") refused += 1;
    }
    return refused < MANY
      ? null
      : `${message} (so it is for each of ${refused + 1} rows that were tried alone)`;
  }
}

async function attempt(
  { name }: Backfill,
  { d1, progress }: WindowOrder,
  statements: readonly D1PreparedStatement[],
): Promise<Trial> {
  return tryBatch(d1, name, progress.counts.changed, statements);
}
