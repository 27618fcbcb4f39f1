/** @module The targets, and whether a run meets them. A missed target is no error, because machines differ. */
import { HISTORY, type Measured, type Memory } from "./cases.ts";
import type { Name } from "./contestants.ts";
import type { Remote } from "./remote.ts";
import { median } from "./statistics.ts";

export interface Target {
  readonly wanted: string;
  readonly measured: string | null;
  readonly verdict: "met" | "missed" | "not measured";
}

export function judge(cases: readonly Measured[], memory: readonly Memory[]): Target[] {
  const hundred = cases.find(
    ({ command, migrations }) => command === "migrate apply" && migrations === 100,
  );
  const history = (wanted: Measured["command"]): Measured | undefined =>
    cases.find(({ command, migrations }) => command === wanted && migrations === HISTORY);
  const statuses = cases.filter(({ command }) => command === "migrate status");
  const version = cases.find(({ command }) => command === "--version");
  const peaks = memory.flatMap(({ samplesBytes }) => median(samplesBytes) ?? []);
  return [
    atLeast(
      "apply of 100: at least 150 times faster than wrangler",
      150,
      ratio(hundred, "wrangler", "d1ops"),
    ),
    atMost("apply of 100: at most 2 times the floor", 2, ratio(hundred, "d1ops", "sqlite3"), times),
    atMost(
      "apply of the history of 215: at most 2 times the floor",
      2,
      ratio(history("migrate apply"), "d1ops", "sqlite3"),
      times,
    ),
    atLeast(
      "status, at its worst size: at least 20 times faster than wrangler's list",
      20,
      least(statuses.flatMap((one) => ratio(one, "wrangler", "d1ops") ?? [])),
    ),
    atMost(
      "status of the history of 215: at most 2 times an empty node",
      2,
      ratio(history("migrate status"), "d1ops", "node"),
      times,
    ),
    atMost(
      "--version: at most 40 ms above an empty node",
      40,
      difference(version, "d1ops", "node"),
      (ms) => `${ms.toFixed(1)} ms`,
    ),
    atMost(
      "memory of apply, 200 migrations: under 120 MB",
      120,
      megabytesOf(peaks[0]),
      (mb) => `${mb.toFixed(1)} MB`,
    ),
    atMost(
      "memory of apply, one file of 20,000 statements: at most 120 MB",
      120,
      megabytesOf(peaks[1]),
      (mb) => `${mb.toFixed(1)} MB`,
    ),
  ];
}

/** The targets of the remote part. */
export function judgeRemote({ cases, memory }: Remote): Target[] {
  const of = (migrations: number): Measured | undefined =>
    cases.find((one) => one.migrations === migrations);
  const requests = of(100)?.results.find(({ name }) => name === "d1ops")?.requests ?? [];
  const peak = (migrations: number): number | null =>
    median(
      memory.find((one) => one.migrations === migrations && one.heap === "default")?.samplesBytes ??
        [],
    );
  const [one, hundred] = [peak(1), peak(100)];
  return [
    atMost(
      "apply --remote of 100: at most 1.1 requests per migration",
      1.1,
      requests.length === 0 ? null : Math.max(...requests) / 100,
      (number) => number.toFixed(2),
    ),
    atLeast(
      "apply --remote of 10: at least 3 times faster than wrangler",
      3,
      ratio(of(10), "wrangler", "d1ops"),
    ),
    atMost(
      "memory of apply --remote, 100 migrations: at most 10 % above that of 1",
      10,
      one === null || hundred === null ? null : 100 * (hundred / one - 1),
      (percent) => `${percent.toFixed(1)} %`,
    ),
  ];
}

export function medianOf(one: Measured | undefined, name: Name): number | null {
  return median(one?.results.find((result) => result.name === name)?.samplesMs ?? []);
}

/** How many times longer `over` takes; null if one of them was not measured. */
function ratio(one: Measured | undefined, over: Name, under: Name): number | null {
  const [dividend, divisor] = [medianOf(one, over), medianOf(one, under)];
  return dividend === null || divisor === null ? null : dividend / divisor;
}

function difference(one: Measured | undefined, whole: Name, part: Name): number | null {
  const [minuend, subtrahend] = [medianOf(one, whole), medianOf(one, part)];
  return minuend === null || subtrahend === null ? null : minuend - subtrahend;
}

function atLeast(wanted: string, limit: number, value: number | null): Target {
  if (value === null) return { wanted, measured: null, verdict: "not measured" };
  return { wanted, measured: times(value), verdict: value >= limit ? "met" : "missed" };
}

export function atMost(
  wanted: string,
  limit: number,
  value: number | null,
  say: (value: number) => string,
): Target {
  if (value === null) return { wanted, measured: null, verdict: "not measured" };
  return { wanted, measured: say(value), verdict: value <= limit ? "met" : "missed" };
}

export function times(value: number): string {
  return `${value >= 100 ? value.toFixed(0) : value.toFixed(2)} times`;
}

function megabytesOf(bytes: number | undefined): number | null {
  return bytes === undefined ? null : bytes / 1e6;
}

function least(values: readonly number[]): number | null {
  return values.length === 0 ? null : Math.min(...values);
}
