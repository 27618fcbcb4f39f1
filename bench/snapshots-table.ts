/** @module The results of snapshots. */
import type { Snapshots } from "./snapshots.ts";
import type { Keeper, Work } from "./snapshots-contestants.ts";
import { bytesAdded, ratio, sizeRatio, timeOf } from "./snapshots-targets.ts";
import { median } from "./statistics.ts";
import { compare, megabytes, milliseconds, spell, table } from "./table.ts";

const WORK: Readonly<Record<Work, string>> = {
  first: "first copy",
  random: "second, random rows changed",
  recent: "second, recent rows changed",
  deleted: "second, rows deleted",
  column: "second, ADD COLUMN",
  verify: "verify",
  restore: "restore",
};

const WHO: Readonly<Record<Keeper, string>> = {
  d1ops: "d1ops snapshot",
  dump: "sqlite3 .dump, zstd -3",
  backup: "sqlite3 .backup",
  cp: "cp",
  synced: "cp and sync",
  restic: "restic",
  wrangler: "wrangler d1 export",
};

export function snapshotTables(snapshots: Snapshots): string[] {
  const { rows, databaseBytes } = snapshots;
  const title = `A database of ${megabytes(databaseBytes)}, ${rows.toLocaleString("en-US")} rows:\n`;
  return [title, timeTable(snapshots), memoryTable(snapshots)];
}

/** The reference of a restore is `cp`, that of all else `.dump | zstd`. */
function timeTable(snapshots: Snapshots): string {
  const rows = snapshots.samples.map(({ work, who, samplesMs }) => {
    const own = median(samplesMs);
    const added = bytesAdded(snapshots, work, who);
    const isSecond = work !== "first" && added !== null;
    return [
      WORK[work],
      WHO[who],
      String(samplesMs.length),
      spell(own),
      own === null
        ? ""
        : `${milliseconds(Math.min(...samplesMs))} - ${milliseconds(Math.max(...samplesMs))}`,
      compare(own, timeOf(snapshots, work, work === "restore" ? "cp" : "dump")),
      isSecond ? percent(ratio(own, timeOf(snapshots, "first", who))) : "",
      added === null ? "" : megabytes(added),
      isSecond ? percent(sizeRatio(snapshots, work, who)) : "",
    ];
  });
  const times = ["median", "min - max", "to .dump, or cp", "time to its first"];
  return table(["what", "who", "runs", ...times, "added", "size to its first"], rows);
}

function memoryTable({ memory }: Snapshots): string {
  const rows = memory.map(({ work, samplesBytes }) => [
    WORK[work],
    String(samplesBytes.length),
    megabytes(median(samplesBytes) ?? Number.NaN),
    `${megabytes(Math.min(...samplesBytes))} - ${megabytes(Math.max(...samplesBytes))}`,
  ]);
  return table(["peak memory of d1ops snapshot", "runs", "median", "min - max"], rows);
}

function percent(part: number | null): string {
  return part === null ? "" : `${(100 * part).toFixed(1)} %`;
}
