/** @module The results of backfills. */
import { type Backfills, type Filler, LARGE, LOCAL_FORMS } from "./backfills.ts";
import { fillOf, medianOf } from "./backfills-targets.ts";
import type { Form } from "./members.ts";
import { median } from "./statistics.ts";
import { compare, megabytes, milliseconds, spell, table } from "./table.ts";

const LABELS: Readonly<Record<Filler | Form, string>> = {
  window: "d1ops, {window}",
  todo: "d1ops, todo",
  outcome: "d1ops, outcome and todo",
  program: "d1ops, a program",
  sqlite3: "sqlite3, one UPDATE (the floor)",
};

export function backfillTables(backfills: Backfills): string[] {
  return [
    timeTable(backfills),
    speedTable(backfills),
    memoryTable(backfills),
    remoteTable(backfills),
  ];
}

function timeTable(backfills: Backfills): string {
  const head = [
    "backfill run --local",
    "who",
    "runs",
    "median",
    "min - max",
    "per row",
    "per further row",
    "to the floor",
  ];
  const sizes = backfills.filled.map((one, i) => ({ ...one, label: `${count(one.rows)} rows`, i }));
  const busy = { rows: LARGE, results: backfills.busy, label: "beside a busy loop", i: -1 };
  const rows = [...sizes, busy].flatMap(({ rows: size, results, label, i }) =>
    results.map(({ name, samplesMs }) => {
      const own = median(samplesMs);
      return [
        label,
        LABELS[name],
        String(samplesMs.length),
        spell(own),
        own === null
          ? ""
          : `${milliseconds(Math.min(...samplesMs))} - ${milliseconds(Math.max(...samplesMs))}`,
        micro(own === null ? null : own / size),
        micro(i < 0 ? null : perFurtherRow(backfills, name, i)),
        compare(own, medianOf(results, "sqlite3")),
      ];
    }),
  );
  return table(head, rows);
}

function speedTable(backfills: Backfills): string {
  const { rows, samplesMs } = backfills.loop;
  const whole = median(samplesMs);
  const slow = whole === null ? null : whole / rows;
  const line = (who: string, done: number, perRow: number | null): string[] => [
    who,
    count(done),
    perRow === null ? "not measured" : count(Math.round(1000 / perRow)),
    compare(perRow, slow),
  ];
  const fast = LOCAL_FORMS.map((form) => {
    const own = fillOf(backfills, LARGE, form);
    return line(LABELS[form], LARGE, own === null ? null : own / LARGE);
  });
  return table(
    [`in a table of ${count(LARGE)} rows`, "rows done", "rows per second", "to the loop"],
    [...fast, line("a loop over wrangler's binding", rows, slow)],
  );
}

function memoryTable({ memory }: Backfills): string {
  const rows = memory.map(({ form, rows: size, samplesBytes }) => [
    LABELS[form],
    count(size),
    String(samplesBytes.length),
    megabytes(median(samplesBytes) ?? Number.NaN),
    `${megabytes(Math.min(...samplesBytes))} - ${megabytes(Math.max(...samplesBytes))}`,
  ]);
  return table(
    ["peak memory of backfill run --local", "rows", "runs", "median", "min - max"],
    rows,
  );
}

function remoteTable({ remote }: Backfills): string {
  const rows = remote.fills.map(({ form, maxWindow, ms, windows, requests, carrying }) => [
    LABELS[form],
    count(maxWindow),
    String(windows),
    String(carrying),
    String(requests - carrying),
    milliseconds(ms),
    milliseconds(ms - requests * remote.latencyMs),
  ]);
  const head = [
    `backfill run --remote, ${count(remote.rows)} rows`,
    "rows per window, at most",
    "windows",
    "requests with a window",
    "others",
    "time",
    "without round trips",
  ];
  return table(head, rows);
}

/** Milliseconds per row that this size has more than the previous size; null for the first size. */
function perFurtherRow(backfills: Backfills, name: Filler, size: number): number | null {
  const [less, more] = [backfills.filled[size - 1], backfills.filled[size]];
  if (less === undefined || more === undefined) return null;
  const [before, after] = [less, more].map(({ rows }) => fillOf(backfills, rows, name));
  if (before === null || before === undefined || after === null || after === undefined) return null;
  return (after - before) / (more.rows - less.rows);
}

function micro(ms: number | null): string {
  return ms === null ? "" : `${(ms * 1000).toFixed(2)} µs`;
}

function count(number: number): string {
  return number.toLocaleString("en-US");
}
