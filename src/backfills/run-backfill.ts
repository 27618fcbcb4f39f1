/**
 * Runs a backfill, window after window, each one exactly once. Whose fault a refused batch is gets decided by reading the state
 * again, never by the text of the error alone.
 * @module
 */
import { lostAnswerError, failureOf, refusalOf } from "../failure/kind.ts";
import { ATTEMPTS, backOff, untilKnown } from "../failure/retry.ts";
import { OpsError } from "../report/error.ts";
import { Blame } from "./blame.ts";
import { letGo, signOfLife, takeUp } from "./begin.ts";
import { type Ahead, edgesOf, knownEdges } from "./edges.ts";
import { demandKey } from "./key-check.ts";
import {
  cutToRate,
  nextWindow,
  restAfter,
  restsOf,
  smallerWindow,
  windowAfterBadRows,
} from "./window-pace.ts";
import { limitReached } from "./run-limits.ts";
import { prepare } from "./prepare.ts";
import type { Ending, RunRequest, RunResult } from "./run-request.ts";
import { costOfAll, ended, isInexact, isInterruption, type Sent } from "./sent.ts";
import { type Progress, progressOf, readProgress, type Row } from "./backfill-state.ts";
import { fetchedOf, judge, type Judged, nextRows, rowsWindow } from "./window-rows.ts";
import { setAside, sqlWindow, type WindowOrder } from "./window-sql.ts";

export type { Ending, RunRequest, RunResult } from "./run-request.ts";

/** @throws OpsError BACKFILL_HELD, BACKFILL_NOT_READY, and those of the database while nothing was begun */
export async function runBackfill(request: RunRequest): Promise<RunResult> {
  const { d1, backfill, runner, anew, rate, bookmark = null, sleep } = request;
  const columns = await demandKey(d1, backfill);
  const windowRows = Math.max(1, Math.floor(request.windowRows));
  const progress = await untilKnown(sleep, async () =>
    takeUp(d1, backfill, runner, { anew, rate, windowRows, bookmark }),
  );
  const walk = new Walk({ ...request, windowRows }, progress, columns);
  try {
    const ending = await walk.toTheEnd();
    const { rowsRead, rowsWritten } = walk;
    return { ending, progress: await walk.end(), rowsRead, rowsWritten };
  } catch (error) {
    await walk.end();
    throw error;
  }
}

class Walk {
  progress: Progress;
  rowsRead = 0;
  rowsWritten = 0;
  readonly #request: RunRequest;
  #rows: number;
  #badInARow = 0;
  #spent = { read: 0, written: 0 };
  readonly #columns: readonly string[];
  #prepared: unknown = null;
  #fetched: { readonly asked: number; readonly rows: readonly Row[] } | null = null;
  #ahead: Ahead | null = null;
  #msPerRow = 0;
  #judged: readonly Judged[] = [];
  readonly #blame = new Blame();

  constructor(request: RunRequest, progress: Progress, columns: readonly string[]) {
    this.#request = request;
    this.#columns = columns;
    this.progress = progress;
    const rows = Math.min(request.limits.maxRows, progress.windowRows || request.windowRows);
    this.#rows = Math.max(1, Math.floor(rows));
  }

  async toTheEnd(): Promise<Ending> {
    try {
      const made = await prepare(this.#request);
      if ("kind" in made) return made;
      this.#prepared = made.prepared;
      for (;;) {
        const scanned = this.progress.state === "scanned";
        const limit = limitReached(this.#request, this.progress.counts, this);
        if (limit === "max-quarantined" || (limit !== null && !scanned)) {
          return { kind: "limit", limit };
        }
        if (scanned && this.#request.backfill.kind === "sql") return { kind: "scanned" };
        await this.#request.breathe();
        const stray = this.#request.stray();
        if (stray !== null) return { kind: "error", error: stray };
        if (scanned) return { kind: "scanned" };
        if (this.#request.stopping()) return { kind: "interrupted" };
        const ending = await this.#window();
        if (ending !== null) return ending;
      }
    } catch (error) {
      if (isInterruption(error)) return { kind: "interrupted" };
      if (error instanceof OpsError) return { kind: "error", error };
      const refusal = refusalOf(error);
      if (refusal === null) throw error;
      return { kind: "failed", message: refusal.reason };
    }
  }

  /** Writes down what the last batch has cost, and lets go. A network that is down leaves it to be taken over. */
  async end(): Promise<Progress> {
    const { d1, sleep } = this.#request;
    const rowsRead = this.progress.rowsRead + this.#spent.read;
    const rowsWritten = this.progress.rowsWritten + this.#spent.written;
    const last = { ...this.progress, rowsRead, rowsWritten };
    try {
      return (await untilKnown(sleep, async () => letGo(d1, last))) ?? last;
    } catch {
      return last;
    }
  }

  /** One window; null: go on. */
  async #window(): Promise<Ending | null> {
    const { now, limits, pauseMs, onWindow, backfill } = this.#request;
    const started = now();
    const { counts } = this.progress;
    const sent = await (backfill.kind === "sql" ? this.#sqlWindow() : this.#rowsWindow());
    if (sent.kind === "ended") return sent.ending;
    if (sent.kind === "moved") return null;
    if (sent.kind === "refused") return this.#afterRefusal(sent.message);
    this.#badInARow = 0;
    const took = now() - started;
    const scanned = this.progress.counts.scanned - counts.scanned;
    this.#msPerRow = took / Math.max(1, scanned);
    if (scanned === this.#rows || took > limits.targetMs) {
      this.#rows = nextWindow(this.#rows, took, limits);
    }
    onWindow(this.progress, this.#rows);
    const rest = restAfter(scanned, took, this.progress.rate, pauseMs);
    // Rows that come meanwhile may make the next one larger.
    if (rest > 0) this.#ahead = null;
    if (this.progress.state === "running") await this.#rest(rest);
    return null;
  }

  /** A long rest shows signs of life. It ends where somebody stops the run or changes its rate. */
  async #rest(ms: number): Promise<void> {
    const { d1, sleep } = this.#request;
    const parts = restsOf(ms);
    for (const part of parts) {
      await sleep(part);
      if (parts.length === 1) return;
      const alive = await untilKnown(sleep, async () => signOfLife(d1, this.progress));
      if (alive === null) return;
      const { rate } = this.progress;
      this.progress = { ...this.progress, rate: alive.rate };
      if (alive.rate !== rate) return;
    }
  }

  /** Rows of the next window, as far as its rate is known. */
  get #size(): number {
    return cutToRate(this.#rows, this.progress.rate);
  }

  get #order(): WindowOrder {
    const { d1, backfill } = this.#request;
    return {
      d1,
      progress: this.progress,
      // In SQL it is the database that cuts it: nothing knows the rate better.
      rows: backfill.kind === "sql" ? this.#rows : this.#size,
      learnt: this.#rows,
      known: edgesOf(this.#ahead, this.progress.windows, this.#rows),
      ahead: nextWindow(this.#rows, this.#rows * this.#msPerRow, this.#request.limits),
      spent: this.#spent,
      columns: this.#columns,
    };
  }

  async #sqlWindow(): Promise<Sent> {
    const { backfill } = this.#request;
    if (backfill.kind !== "sql") throw new TypeError("not in SQL");
    const order = this.#order;
    const sent = await this.#send(() => sqlWindow(backfill, order));
    if (sent.kind === "done") {
      const row = sent.answers.at(-1)?.results[0];
      this.#arrived(row);
      const { windows } = this.progress;
      this.#ahead = { windows, rows: order.ahead, edges: knownEdges(backfill, row ?? {}) };
    }
    return sent;
  }

  async #rowsWindow(): Promise<Sent> {
    const { d1, backfill } = this.#request;
    if (backfill.kind !== "rows") throw new TypeError("not by rows");
    if (this.#fetched === null) {
      const first = this.progress.cursor === null;
      const { results } = await nextRows(backfill, this.#order, first).all<Row>();
      this.#fetched = { asked: this.#size, rows: results };
    }
    const next = this.#size;
    const asked = Math.min(this.#fetched.asked, next);
    const rows = this.#fetched.rows.slice(0, asked);
    const judged = fetchedOf(backfill, rows).map((one) => judge(d1, backfill, one, this.#prepared));
    this.#judged = judged;
    const sent = await this.#send(() => rowsWindow(backfill, this.#order, judged, asked));
    if (sent.kind === "done") {
      this.#arrived(sent.answers.at(-2)?.results[0]);
      this.#fetched = { asked: next, rows: sent.answers.at(-1)?.results ?? [] };
    }
    return sent;
  }

  #arrived(row: Row | undefined): void {
    if (row === undefined) throw new Error("a window that was done has no state");
    this.progress = progressOf(row);
  }

  /** Sends a batch until it is known what became of it. */
  async #send(make: () => ReturnType<typeof sqlWindow>): Promise<Sent> {
    const { d1, sleep } = this.#request;
    for (let tried = 1; ; tried += 1) {
      try {
        const answers = await d1.batch<Row>(make());
        const { read, written } = costOfAll(answers);
        this.#spent = { read, written };
        this.rowsRead += read;
        this.rowsWritten += written;
        return { kind: "done", answers };
      } catch (error) {
        const failure = failureOf(error);
        const lost = failure?.kind === "unknown" || isInexact(error);
        if (failure === null || (!lost && failure.kind !== "refused")) throw error;
        const current = await this.#read();
        if (current === null) return ended("removed");
        if (current.token !== this.progress.token) return ended(`taken over by ${current.holder}`);
        if (current.windows !== this.progress.windows) {
          // It was done, and only the answer was lost. What it cost is not known, nor are the rows that it fetched.
          this.progress = current;
          this.#spent = { read: 0, written: 0 };
          this.#fetched = null;
          return { kind: "moved" };
        }
        if (current.state !== "running") return ended(current.state);
        if (!lost) return { kind: "refused", message: failure.reason };
        if (tried === ATTEMPTS) {
          return { kind: "ended", ending: { kind: "error", error: lostAnswerError(failure) } };
        }
        await sleep(backOff(tried));
      }
    }
  }

  async #read(): Promise<Progress | null> {
    const { d1, backfill } = this.#request;
    return (await readProgress(d1)).find(({ name }) => name === backfill.name) ?? null;
  }

  /** The bad row is found by halving; alone, it goes to the quarantine, if it is the row that is bad. */
  async #afterRefusal(message: string): Promise<Ending | null> {
    const { backfill, sleep, limits, windowRows } = this.#request;
    const refused = {
      backfill,
      order: this.#order,
      message,
      judged: this.#judged,
      prepared: this.#prepared,
    };
    const fault = await untilKnown(sleep, async () => this.#blame.withoutRows(refused));
    if (fault !== null) return { kind: "failed", message: fault };
    if (this.#size > 1) {
      this.#rows = smallerWindow(this.#size);
      return null;
    }
    const always = await untilKnown(sleep, async () => this.#blame.withOtherRows(refused));
    if (always !== null) return { kind: "failed", message: always };
    let sent = await this.#send(() => this.#setAside(message, false));
    if (sent.kind === "refused") sent = await this.#send(() => this.#setAside(message, true));
    if (sent.kind === "refused") return { kind: "failed", message: sent.message };
    if (sent.kind === "ended") return sent.ending;
    if (sent.kind === "done") {
      const place = backfill.kind === "sql" ? -1 : -2;
      this.#arrived(sent.answers.at(place)?.results[0]);
      this.#fetched = null;
      const rows = Math.min(limits.maxRows, windowRows);
      this.#rows = windowAfterBadRows(rows, this.#badInARow++);
    }
    return null;
  }

  #setAside(message: string, keyOnly: boolean): ReturnType<typeof sqlWindow> {
    const { backfill } = this.#request;
    if (backfill.kind === "sql") return setAside(backfill, this.#order, message, keyOnly);
    const verdict = { outcome: "conflict", reason: message } as const;
    const one = this.#judged.slice(0, 1).map((judged) => ({ ...judged, verdict, keyOnly }));
    return rowsWindow(backfill, this.#order, one, 1);
  }
}
