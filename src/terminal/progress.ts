/**
 * How far a long job is, on stderr: one line that is repainted on a terminal, a plain line now and then elsewhere.
 * There is no timer in it: it speaks when it is told something.
 * @module
 */
import { clip } from "../report/layout.ts";
import { printable } from "../report/printable.ts";

export interface Progress {
  /** `total` is null where it is not known. */
  update(done: number, total: number | null, label: string): void;
  /** Says something that stays, on a line of its own. */
  say(text: string): void;
  /** Takes the line away for now: something else is written. */
  clear(): void;
  /** Leaves a clean line behind. Call it before writing anything else, also when the job failed. */
  end(): void;
}

export interface ProgressOptions {
  /** Milliseconds of a clock that does not jump. */
  readonly now: () => number;
  /** A terminal that cannot move its cursor (TERM=dumb) is written to as if it were none. */
  readonly dumb?: boolean;
}

export interface ProgressStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const firstAfter = 300;
const repaintEvery = 100;
const lineEvery = 5000;
const eraseLine = "\r\u001B[2K";

export function progress(stream: ProgressStream, options: ProgressOptions): Progress {
  const repaints = stream.isTTY === true && options.dumb !== true;
  const pause = repaints ? repaintEvery : lineEvery;
  let dueAt = options.now() + (repaints ? firstAfter : lineEvery);
  let painted = false;
  let ended = false;

  return {
    update(done, total, label) {
      const now = options.now();
      if (ended || now < dueAt) return;
      dueAt = now + pause;
      const line = `${printable(label)} ${amount(done, total)}`;
      stream.write(repaints ? eraseLine + clip(line, room(stream)) : `${line}\n`);
      painted = repaints;
    },
    say(text) {
      this.clear();
      stream.write(`${printable(text)}\n`);
    },
    clear() {
      if (painted) stream.write(eraseLine);
      painted = false;
    },
    end() {
      this.clear();
      ended = true;
    },
  };
}

/** The last column stays free: filling it would wrap the cursor. A terminal of 0 columns does not know its width. */
function room(stream: ProgressStream): number {
  return (stream.columns === undefined || stream.columns === 0 ? 80 : stream.columns) - 1;
}

function amount(done: number, total: number | null): string {
  if (total === null || total <= 0) return String(done);
  return `${done}/${total} (${Math.floor((100 * done) / total)} %)`;
}
