import { describe, expect, it } from "vitest";
import { columns } from "../../src/report/layout.ts";
import {
  progressBar,
  type Progress,
  type ProgressOptions,
} from "../../src/terminal/progress-bar.ts";

const erase = "\r\u001B[2K";

interface Stage {
  readonly written: string[];
  readonly bar: Progress;
  /** Advances the clock and fires the timer as often as the time requires. */
  pass(ms: number): void;
  timers(): number;
}

function start(
  stream: { isTTY?: boolean; columns?: number },
  options: Partial<ProgressOptions> = {},
): Stage {
  const written: string[] = [];
  const timers = new Map<() => void, { every: number; dueAt: number }>();
  let ms = 1000;
  const bar = progressBar(
    { ...stream, write: (text: string) => void written.push(text) },
    {
      now: () => ms,
      every: (every, tick) => {
        timers.set(tick, { every, dueAt: ms + every });
        return () => void timers.delete(tick);
      },
      ...options,
    },
  );
  return {
    written,
    bar,
    timers: () => timers.size,
    pass(span) {
      const end = ms + span;
      for (;;) {
        const next = [...timers].filter(([, { dueAt }]) => dueAt <= end);
        const [first] = next.sort(([, a], [, b]) => a.dueAt - b.dueAt);
        if (first === undefined) break;
        const [tick, timer] = first;
        ms = timer.dueAt;
        timers.set(tick, { ...timer, dueAt: timer.dueAt + timer.every });
        tick();
      }
      ms = end;
    },
  };
}

describe("a progress bar on a terminal", () => {
  it("shows nothing for a job of less than a second", () => {
    const { written, pass, bar, timers } = start({ isTTY: true });
    bar.update(1, 10, "Copying", { unit: "rows" });
    pass(999);
    bar.update(9, 10, "Copying", { unit: "rows" });
    bar.end();
    expect(written).toEqual([]);
    expect(timers()).toBe(0);
  });

  it("shows count, rate, remaining time and cost, is repainted, and is removed at the end", () => {
    const { written, pass, bar } = start({ isTTY: true, columns: 120 });
    const details = { unit: "rows", cost: "$0.0010", note: "3 invalid" };
    bar.update(1000, 5000, "0004_phones", details);
    pass(2500);
    bar.update(3500, 5000, "0004_phones", details);
    pass(99);
    bar.update(3501, 5000, "0004_phones", details);
    pass(1);
    bar.update(5000, 5000, "0004_phones", details);
    bar.end();
    bar.end();
    bar.update(5001, 5000, "0004_phones", details);
    const [waiting, , most, full, end, ...more] = written;
    // The timer has painted the state after one second.
    expect(waiting).toBe(
      `${erase}0004_phones  ${"━".repeat(6)}${"─".repeat(24)}   20 %  1,000/5,000 rows  1 s  $0.0010  3 invalid`,
    );
    expect(most).toBe(
      `${erase}0004_phones  ${"━".repeat(21)}${"─".repeat(9)}   70 %  3,500/5,000 rows  1,000 rows/s  2 s left  $0.0010  3 invalid`,
    );
    expect(full).toContain(`${"━".repeat(30)}  100 %  5,000/5,000 rows`);
    expect([end, ...more]).toEqual([erase]);
  });

  it("is repainted without an update, during one long statement", () => {
    const { written, pass, bar } = start({ isTTY: true, columns: 100 });
    bar.update(0, 2, "0001_core.sql", { unit: "migrations" });
    pass(3000);
    expect(written.map((text) => text.split("  ").at(-1))).toEqual(["1 s", "2 s", "3 s"]);
    bar.end();
    pass(3000);
    expect(written).toHaveLength(4);
  });

  it("shows the rate of this run, without the work of earlier runs", () => {
    const { written, pass, bar } = start({ isTTY: true, columns: 100 });
    bar.update(1_000_000, 2_000_000, "fill", { unit: "rows" });
    pass(1500);
    bar.update(1_000_150, 2_000_000, "fill", { unit: "rows" });
    expect(written.at(-1)).toContain("100 rows/s  2 h 47 min left");
  });

  it("shows a new rate for another kind of work", () => {
    const { written, pass, bar } = start({ isTTY: true, columns: 100 });
    bar.update(5, null, "export", { unit: "seconds" });
    pass(5000);
    bar.update(0, 30_000_000, "download", { unit: "bytes" });
    pass(2500);
    bar.update(15_000_000, 30_000_000, "download", { unit: "bytes" });
    expect(written[0]).toBe(`${erase}export  5 s`);
    expect(written.at(-1)).toContain("50 %  15.0/30.0 MB  6.0 MB/s  3 s left");
  });

  it.each([120, 79, 60, 40, 20, 5])("stays on one line of %d columns", (width) => {
    const { written, pass, bar } = start({ isTTY: true, columns: width });
    const details = { unit: "rows", cost: "$0.0010, 3,000 rows written", note: "17 invalid" };
    bar.update(0, 5000, "0004_a_name_that_is_longer_than_most_names_are", details);
    pass(2000);
    bar.update(2500, 5000, "0004_a_name_that_is_longer_than_most_names_are", details);
    for (const line of written) {
      expect(columns(line.slice(erase.length))).toBeLessThan(width);
      expect(line).not.toContain("\n");
    }
    expect(written.length).toBeGreaterThan(0);
  });

  it("escapes control characters of a label, and uses ASCII if the terminal shows only that", () => {
    const { written, pass, bar } = start({ isTTY: true, columns: 60 }, { unicode: false });
    bar.update(1, 2, "\u001B[2J名前\nand more", { unit: "rows" });
    pass(1000);
    expect(written).toEqual([expect.stringContaining(String.raw`\x1b[2J名前`)]);
    expect(written[0]).toMatch(/#+-+ {3}50 %/);
    expect(written[0]).not.toContain("\n");
  });

  it("is removed for other output, and is shown again at the next update", () => {
    const { written, pass, bar } = start({ isTTY: true, columns: 60 });
    bar.update(1, null, "Copying", { unit: "rows" });
    pass(1000);
    bar.print("Waiting up to 3 s: rate limit");
    pass(5000);
    expect(written.slice(1)).toEqual([erase, "Waiting up to 3 s: rate limit\n"]);
    bar.update(2, null, "Copying", { unit: "rows" });
    expect(written.at(-1)).toBe(`${erase}Copying  2 rows`);
  });
});

it("a progress bar has 80 columns if the terminal does not know its width", () => {
  const { written, pass, bar } = start({ isTTY: true, columns: 0 });
  bar.update(1, 2, "x".repeat(100), { unit: "rows", cost: "y".repeat(100) });
  pass(1000);
  expect(columns((written[0] ?? "").slice(erase.length))).toBe(79);
});

describe.each([
  ["in a pipe", {}, {}],
  ["on a dumb terminal", { isTTY: true }, { dumb: true }],
])("%s", (_name, stream, options) => {
  it("writes a line of text at most every five seconds, without a timer", () => {
    const { written, pass, bar, timers } = start(stream, options);
    for (let done = 1; done <= 12; done += 1) {
      pass(1000);
      bar.update(done, null, "Copying", { unit: "rows" });
    }
    expect(timers()).toBe(0);
    bar.end();
    expect(written).toEqual(["Copying 5 rows, 1 rows/s\n", "Copying 10 rows, 1 rows/s\n"]);
  });

  it("shows count, rate, remaining time and cost", () => {
    const { written, pass, bar } = start(stream, options);
    bar.update(0, 10_000, "fill", { unit: "rows", cost: "$0.01" });
    pass(5000);
    bar.update(5000, 10_000, "fill", { unit: "rows", cost: "$0.01" });
    expect(written).toEqual(["fill 5,000/10,000 rows (50 %), 1,000 rows/s, 5 s left, $0.01\n"]);
  });
});
