/**
 * How far a long job is, on stderr: a bar that is repainted on a terminal, a plain line now and then elsewhere. Every verb uses it.
 *
 * clack's `progress` cannot serve: it reads the keyboard and ends the process with 0 on Ctrl-C, where a run has to finish what is under
 * way and report it, and it paints only from a timer, which never fires while a local database works.
 * @module
 */
import { plain, type Paint } from "../report/paint.ts";
import { printable } from "../report/printable.ts";
import type { OnProgress } from "../report/progress.ts";
import { barLine, plainLine, type Standing } from "./progress-line.ts";

export interface Progress {
  readonly update: OnProgress;
  /** Says something that stays, on a line of its own. */
  say(text: string): void;
  /** Takes the bar away for now: something else is written. */
  clear(): void;
  /** Leaves a clean line behind. Call it before writing anything else, also when the job failed. */
  end(): void;
}

export interface ProgressOptions {
  /** Milliseconds of a clock that does not jump. */
  readonly now: () => number;
  /** Repeats `tick` until the returned function is called. It must not keep the process alive. */
  readonly every: (ms: number, tick: () => void) => () => void;
  /** A terminal that cannot move its cursor (TERM=dumb) is written to as if it were none. */
  readonly dumb?: boolean;
  readonly paint?: Paint;
  /** False where the terminal shows ASCII only. */
  readonly unicode?: boolean;
}

export interface ProgressStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const firstAfter = 1000;
const repaintEvery = 100;
const tickEvery = 1000;
const lineEvery = 5000;
const eraseLine = "\r\u001B[2K";

export function progress(stream: ProgressStream, options: ProgressOptions): Progress {
  const { now, paint = plain, unicode = true } = options;
  const repaints = stream.isTTY === true && options.dumb !== true;
  const pause = repaints ? repaintEvery : lineEvery;
  let dueAt = now() + (repaints ? firstAfter : lineEvery);
  let standing: Standing | null = null;
  let painted = false;
  let ended = false;
  // A terminal is repainted without news, too: time passes during one long statement.
  const stopTicking = repaints ? options.every(tickEvery, () => show()) : () => {};

  function show(): void {
    const at = now();
    if (ended || standing === null || at < dueAt) return;
    dueAt = at + pause;
    const seen = { ...standing, seconds: (at - standing.beganAt) / 1000 };
    const line = repaints ? barLine(seen, room(stream), paint, unicode) : `${plainLine(seen)}\n`;
    stream.write(repaints ? eraseLine + line : line);
    painted = repaints;
  }

  return {
    update(done, total, label, details) {
      const before = standing;
      // Another kind of work begins: its rate is its own.
      const goesOn = before !== null && before.details.unit === details.unit && done >= before.done;
      const { beganAt, base } = goesOn ? before : { beganAt: now(), base: done };
      standing = { done, total, label: printable(label), details, beganAt, base };
      show();
    },
    say(text) {
      this.clear();
      stream.write(`${printable(text)}\n`);
    },
    clear() {
      if (painted) stream.write(eraseLine);
      painted = false;
      // What was said is about to be another thing: the bar comes back with the next news.
      standing = null;
    },
    end() {
      this.clear();
      ended = true;
      stopTicking();
    },
  };
}

/** The last column stays free: filling it would wrap the cursor. A terminal of 0 columns does not know its width. */
function room(stream: ProgressStream): number {
  return (stream.columns === undefined || stream.columns === 0 ? 80 : stream.columns) - 1;
}
