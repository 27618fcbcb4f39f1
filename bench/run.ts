/** @module `npm run bench`: all contestants on the same folders, in turn, with the results as tables. See docs/benchmarks.md. */
import { mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type BackfillRuns, measureBackfills } from "./backfills.ts";
import { backfillTables } from "./backfills-table.ts";
import { judgeBackfills } from "./backfills-targets.ts";
import {
  applyCase,
  HISTORY,
  type Measured,
  type Memory,
  memoryOfApply,
  type Runs,
  statusCase,
  versionCase,
} from "./cases.ts";
import { compare } from "./compare.ts";
import { sqlite3Version } from "./contestants.ts";
import { describeMachine, describeVersions, load } from "./machine.ts";
import { measureOnboarding } from "./onboarding.ts";
import { onboardingTables } from "./onboarding-table.ts";
import { judgeOnboarding } from "./onboarding-targets.ts";
import { measureRemote } from "./remote.ts";
import { remoteMemoryTable, remoteTable } from "./remote-table.ts";
import { measureSnapshots } from "./snapshots.ts";
import { snapshotTables } from "./snapshots-table.ts";
import { judgeSnapshots } from "./snapshots-targets.ts";
import { memoryTable, targetTable, timeTable } from "./table.ts";
import { judge, judgeRemote } from "./targets.ts";

const SIZES = [1, 10, 100, 200, HISTORY];
const QUICK = 10;

const { values: flags } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    runs: { type: "string", default: "11" },
    "remote-runs": { type: "string", default: "5" },
    "backfill-runs": { type: "string", default: "5" },
    "onboarding-runs": { type: "string", default: "3" },
    "snapshot-runs": { type: "string", default: "3" },
    "snapshot-size": { type: "string", default: "110" },
    "wrangler-runs": { type: "string" },
    only: { type: "string" },
  },
});

const fast = positive("--runs", flags.runs);
const far = positive("--remote-runs", flags["remote-runs"]);
const rowRuns = positive("--backfill-runs", flags["backfill-runs"]);
const tenantRuns = positive("--onboarding-runs", flags["onboarding-runs"]);
const snapshotRuns = positive("--snapshot-runs", flags["snapshot-runs"]);
const snapshotSize = positive("--snapshot-size", flags["snapshot-size"]);
const PARTS = ["local", "remote", "backfills", "onboarding", "snapshots"];
if (flags.only !== undefined && !PARTS.includes(flags.only))
  throw new Error(`--only wants ${PARTS.join(" or ")}, not ${flags.only}`);
const wants = (part: string): boolean => flags.only === undefined || flags.only === part;
const slow =
  flags["wrangler-runs"] === undefined ? null : positive("--wrangler-runs", flags["wrangler-runs"]);
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const startedAt = new Date().toISOString();
const machine = describeMachine();
const versions = describeVersions();
const loadBefore = load();
if (loadBefore > 0.5) {
  say(
    `The load is ${loadBefore.toFixed(2)}: other processes share the cores and the disk with every contestant.`,
  );
}

const { cases, memory } = wants("local") ? await measureLocal() : { cases: [], memory: [] };
const remote = wants("remote") ? await measureRemote(remoteRuns, flags.quick, say) : null;
const backfills = wants("backfills") ? await measureBackfills(backfillRuns(), say) : null;
const onboarding = wants("onboarding") ? await measureOnboarding(tenantRuns, say) : null;
const snapshots = wants("snapshots")
  ? await measureSnapshots(
      { megabytes: snapshotSize, runs: snapshotRuns, wrangler: flags.quick ? 0 : (slow ?? 1) },
      say,
    )
  : null;
const targets = [
  ...(wants("local") ? judge(cases, memory) : []),
  ...(remote === null ? [] : judgeRemote(remote)),
  ...(backfills === null ? [] : judgeBackfills(backfills)),
  ...(onboarding === null ? [] : judgeOnboarding(onboarding)),
  ...(snapshots === null ? [] : judgeSnapshots(snapshots)),
];
const loadAfter = load();

process.stdout.write(`\n${startedAt}, ${machine.cpu}, ${machine.cores} cores, ${machine.system}\n`);
process.stdout.write(
  `${Object.entries(versions)
    .map(([name, version]) => `${name} ${version ?? "not installed"}`)
    .join(", ")}\n`,
);
process.stdout.write(`load ${loadBefore.toFixed(2)} before, ${loadAfter.toFixed(2)} after\n\n`);
const tables = [
  ...(wants("local") ? [timeTable(cases), memoryTable(memory)] : []),
  ...(remote === null ? [] : [remoteTable(remote), remoteMemoryTable(remote)]),
  ...(backfills === null ? [] : backfillTables(backfills)),
  ...(onboarding === null ? [] : onboardingTables(onboarding)),
  ...(snapshots === null ? [] : snapshotTables(snapshots)),
  targetTable(targets),
];
process.stdout.write(tables.join("\n"));

const results = new URL("./results/", import.meta.url);
mkdirSync(results, { recursive: true });
const all = {
  format: 1,
  startedAt,
  endedAt: new Date().toISOString(),
  flags,
  machine,
  versions,
  loadBefore,
  loadAfter,
  cases,
  memory,
  remote,
  backfills,
  onboarding,
  snapshots,
  targets,
};
const file = flags.only === undefined ? "latest.json" : `latest-${flags.only}.json`;
writeFileSync(new URL(file, results), `${JSON.stringify(all, null, 2)}\n`);

async function measureLocal(): Promise<{ cases: Measured[]; memory: Memory[] }> {
  // wrangler takes more than a minute for a large folder, so one sample is enough.
  const applies = SIZES.map((size) => applyCase(size, runs(size, size > QUICK ? 1 : 3)));
  // wrangler's list takes three seconds at every size, so --quick does not skip it.
  const statuses = SIZES.map((size) => statusCase(size, { ...runs(size, 3), wrangler: slow ?? 3 }));
  const measured: Measured[] = [];
  for (const alike of [applies, statuses, [versionCase(runs(1, 0))]]) {
    for (const one of alike) measured.push(await compare(one, one === alike[0], say));
  }
  say("memory");
  return { cases: measured, memory: await memoryOfApply(3) };
}

function runs(size: number, wranglerRuns: number): Runs {
  return {
    d1ops: fast,
    node: fast,
    sqlite3: sqlite3Version() === null ? 0 : fast,
    bare: 0,
    wrangler: flags.quick && size > QUICK ? 0 : (slow ?? wranglerRuns),
  };
}

function remoteRuns(size: number): Runs {
  return { ...runs(size, 3), d1ops: far, bare: far };
}

/** The loop through wrangler starts workerd, so it is the slow contestant. */
function backfillRuns(): BackfillRuns {
  const sqlite3 = sqlite3Version() === null ? 0 : rowRuns;
  return { d1ops: rowRuns, sqlite3, loop: flags.quick ? 1 : (slow ?? 3) };
}

function positive(flag: string, text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new Error(`${flag} wants a whole number from 1 up, not ${text}`);
  return number;
}
