/** @module The targets of snapshots, and the verdict of a run. */
import type { KeptSamples, Snapshots } from "./snapshots.ts";
import type { Keeper, Work } from "./snapshots-contestants.ts";
import { CHANGES, type Change } from "./snapshots-database.ts";
import { median } from "./statistics.ts";
import { atMost, type Target, times } from "./targets.ts";

const NAMES: Readonly<Record<Change, string>> = {
  random: "random rows",
  recent: "recent rows",
  deleted: "deleted rows",
  column: "ADD COLUMN",
};

export function judgeSnapshots(snapshots: Snapshots): Target[] {
  const time = (work: Work, who: Keeper): number | null => timeOf(snapshots, work, who);
  const peaks = snapshots.memory.map(({ samplesBytes }) => median(samplesBytes) ?? Number.NaN);
  const first = "of the first take";
  return [
    atMost(
      "first take: at most 2 times .dump through zstd",
      2,
      ratio(time("first", "d1ops"), time("first", "dump")),
      times,
    ),
    ...CHANGES.map((work) =>
      atMost(
        `second take, ${NAMES[work]}: at most 5 % ${first} in size`,
        5,
        percent(sizeRatio(snapshots, work, "d1ops")),
        spellPercent,
      ),
    ),
    ...CHANGES.map((work) =>
      atMost(
        `second take, ${NAMES[work]}: at most 50 % ${first} in time`,
        50,
        percent(ratio(time(work, "d1ops"), time("first", "d1ops"))),
        spellPercent,
      ),
    ),
    atMost(
      "restore: at most 3 times copying the file",
      3,
      ratio(time("restore", "d1ops"), time("restore", "cp")),
      times,
    ),
    atMost(
      "memory, at its largest: under 200 MB",
      200,
      peaks.length === 0 ? null : Math.max(...peaks) / 1e6,
      (mb) => `${mb.toFixed(1)} MB`,
    ),
  ];
}

/** Median milliseconds. */
export function timeOf({ samples }: Snapshots, work: Work, who: Keeper): number | null {
  return median(find(samples, work, who)?.samplesMs ?? []);
}

/** The median of the bytes that the copy added to the disk. */
export function bytesAdded({ samples }: Snapshots, work: Work, who: Keeper): number | null {
  return median(find(samples, work, who)?.samplesBytes ?? []);
}

/** What a copy adds, as a part of what the first copy of the same contestant added. */
export function sizeRatio(snapshots: Snapshots, work: Work, who: Keeper): number | null {
  return ratio(bytesAdded(snapshots, work, who), bytesAdded(snapshots, "first", who));
}

export function ratio(dividend: number | null, divisor: number | null): number | null {
  return dividend === null || divisor === null ? null : dividend / divisor;
}

function find(samples: readonly KeptSamples[], work: Work, who: Keeper): KeptSamples | undefined {
  return samples.find((one) => one.work === work && one.who === who);
}

function percent(part: number | null): number | null {
  return part === null ? null : 100 * part;
}

function spellPercent(value: number): string {
  return `${value.toFixed(1)} %`;
}
