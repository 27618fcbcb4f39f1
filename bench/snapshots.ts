/** @module Runs the part of the snapshots: taking, taking again after a change, verifying and restoring, next to the other ways to copy a database. */
import { peakMemory, runInTurns } from "./measure.ts";
import {
  type Keeper,
  type Kept,
  restores,
  takes,
  verifies,
  type Work,
} from "./snapshots-contestants.ts";
import { CHANGES, type Change, sizeOf } from "./snapshots-database.ts";
import { bytesOf, makeTemplates, type Templates } from "./snapshots-templates.ts";

export interface KeptSamples {
  readonly work: Work;
  readonly who: Keeper;
  /** Empty if not measured. */
  readonly samplesMs: readonly number[];
  /** What the copy added to the disk, for each sample; empty for work that adds none. */
  readonly samplesBytes: readonly number[];
}

/** Of d1ops. */
export interface KeepMemory {
  readonly work: Work;
  readonly samplesBytes: readonly number[];
}

export interface Snapshots {
  /** The wanted size, in million bytes. */
  readonly megabytes: number;
  readonly databaseBytes: number;
  readonly rows: number;
  readonly samples: readonly KeptSamples[];
  readonly memory: readonly KeepMemory[];
}

export interface SnapshotRuns {
  readonly megabytes: number;
  readonly runs: number;
  readonly wrangler: number;
}

/** wrangler takes minutes for larger databases. */
const WRANGLER_AT_MOST = 200;
const MEMORY_RUNS = 2;

export async function measureSnapshots(
  { megabytes, runs, wrangler }: SnapshotRuns,
  say: (text: string) => void,
): Promise<Snapshots> {
  say(`snapshots: generating a database of ${megabytes} MB and its changes`);
  const templates = await makeTemplates(sizeOf(megabytes));
  try {
    const has = { ...templates.has, wrangler: megabytes <= WRANGLER_AT_MOST };
    const often: Readonly<Record<Keeper, number>> = {
      d1ops: runs,
      dump: has.dump ? runs : 0,
      backup: has.sqlite3 ? runs : 0,
      cp: runs,
      synced: runs,
      restic: has.restic ? runs : 0,
      wrangler: has.wrangler ? wrangler : 0,
    };
    const samples: KeptSamples[] = [];
    for (const one of casesOf(templates)) {
      say(`snapshot, ${one.work}`);
      samples.push(...(await inTurn(one, often, say)));
    }
    const memory: KeepMemory[] = [];
    for (const { work, ways } of casesOf(templates)) {
      say(`memory of snapshot, ${work}`);
      const samplesBytes: number[] = [];
      for (const { prepare } of ways.filter(({ who }) => who === "d1ops")) {
        while (samplesBytes.length < MEMORY_RUNS)
          samplesBytes.push(await peakMemory(prepare().trial));
      }
      memory.push({ work, samplesBytes });
    }
    const { databases, rows } = templates;
    const databaseBytes = bytesOf(databases.base);
    return { megabytes, databaseBytes, rows: rows.base, samples, memory };
  } finally {
    templates.remove();
  }
}

interface Way {
  readonly who: Keeper;
  readonly prepare: () => Kept;
}

interface KeeperCase {
  readonly work: Work;
  readonly ways: readonly Way[];
}

function casesOf(templates: Templates): KeeperCase[] {
  const take = (work: "first" | Change, who: readonly Keeper[]): KeeperCase => ({
    work,
    ways: waysOf(who, (one) => takes(templates, work, one)),
  });
  return [
    take("first", ["d1ops", "dump", "backup", "cp", "synced", "restic", "wrangler"]),
    // A second copy by the others costs as much as the first.
    ...CHANGES.map((work) => take(work, ["d1ops", "dump", "restic"])),
    { work: "verify", ways: waysOf(["d1ops", "restic"], (one) => verifies(templates, one)) },
    {
      work: "restore",
      ways: waysOf(["d1ops", "dump", "backup", "cp", "synced", "restic"], (one) =>
        restores(templates, one),
      ),
    },
  ];
}

function waysOf<Who extends Keeper>(who: readonly Who[], prepare: (who: Who) => Kept): Way[] {
  return who.map((one) => ({ who: one, prepare: () => prepare(one) }));
}

async function inTurn(
  { work, ways }: KeeperCase,
  often: Readonly<Record<Keeper, number>>,
  say: (text: string) => void,
): Promise<KeptSamples[]> {
  const kept = new Map<Keeper, Kept[]>(ways.map(({ who }) => [who, []]));
  const entries = ways.map(({ who, prepare }) => ({
    name: who,
    runs: often[who],
    prepare() {
      const one = prepare();
      kept.get(who)?.push(one);
      return one.trial;
    },
  }));
  const results = await runInTurns(entries, (text) => say(`  ${text}`));
  return results.map(({ name, samplesMs }) => ({
    work,
    who: name,
    samplesMs,
    samplesBytes: (kept.get(name) ?? []).flatMap(({ bytes }) => bytes() ?? []),
  }));
}
