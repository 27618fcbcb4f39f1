/**
 * Shows the progress of a long job on stderr: a bar on a terminal, else a line of text every five seconds.
 *
 * clack's `progress` does not fit. On Ctrl-C it ends the process with 0, but a run must finish its current step and report. And it
 * paints only from a timer, which does not fire while a local database works.
 * @module
 */
import { plain, type Paint } from "../report/text-style.ts";
import { printable } from "../report/printable.ts";
import type { OnProgress } from "../report/progress.ts";
import { barLine, type Count, plainLine } from "./progress-line.ts";

export interface Progress {
  readonly update: OnProgress;
  /** Prints a line that stays. */
  print(text: string): void;
  /** Removes the bar until the next update. Call it before other output. */
  clear(): void;
  /** Removes the bar for good. Call it also if the job fails. */
  end(): void;
}

export interface ProgressOptions {
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  /** Repeats `tick` until the returned function is called. It must not keep the process alive. */
  readonly every: (ms: number, tick: () => void) => () => void;
  /** True for a terminal that cannot move its cursor (TERM=dumb): it receives lines of text. */
  readonly dumb?: boolean;
  readonly paint?: Paint;
  /** False if the terminal shows only ASCII. */
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

export function progressBar(stream: ProgressStream, options: ProgressOptions): Progress {
  const { now, paint = plain, unicode = true } = options;
  const repaints = stream.isTTY === true && options.dumb !== true;
  const pause = repaints ? repaintEvery : lineEvery;
  let dueAt = now() + (repaints ? firstAfter : lineEvery);
  let current: Count | null = null;
  let painted = false;
  let ended = false;
  // The bar of a terminal is repainted without an update, too: its times change during a long statement.
  const stopTicking = repaints ? options.every(tickEvery, () => show()) : () => {};

  function show(): void {
    const at = now();
    if (ended || current === null || at < dueAt) return;
    dueAt = at + pause;
    const timed = { ...current, seconds: (at - current.beganAt) / 1000 };
    const line = repaints ? barLine(timed, room(stream), paint, unicode) : `${plainLine(timed)}\n`;
    stream.write(repaints ? eraseLine + line : line);
    painted = repaints;
  }

  return {
    update(done, total, label, details) {
      const last = current;
      // Another kind of work has its own rate.
      const continues = last !== null && last.details.unit === details.unit && done >= last.done;
      const { beganAt, base } = continues ? last : { beganAt: now(), base: done };
      current = { done, total, label: printable(label), details, beganAt, base };
      show();
    },
    print(text) {
      this.clear();
      stream.write(`${printable(text)}\n`);
    },
    clear() {
      if (painted) stream.write(eraseLine);
      painted = false;
      // Without this, a tick would repaint the bar before the next update.
      current = null;
    },
    end() {
      this.clear();
      ended = true;
      stopTicking();
    },
  };
}

/** All columns but the last, which would wrap the cursor. A terminal with 0 columns does not know its width. */
function room(stream: ProgressStream): number {
  return (stream.columns === undefined || stream.columns === 0 ? 80 : stream.columns) - 1;
}
