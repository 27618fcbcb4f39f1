/**
 * `npm run bench`: the same folders, the contestants in turn, one table. See docs/benchmarks.md.
 * @module
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import {
  applyCase,
  type Case,
  type Measured,
  memoryOfApply,
  type Runs,
  statusCase,
  versionCase,
} from "./cases.ts";
import { sqlite3Version } from "./contestants.ts";
import { describeMachine, describeVersions, load } from "./machine.ts";
import { race, run } from "./measure.ts";
import { memoryTable, targetTable, timeTable } from "./table.ts";
import { judge } from "./targets.ts";

const SIZES = [1, 10, 100, 200];
const QUICK = 10;

const { values: flags } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    runs: { type: "string", default: "11" },
    "wrangler-runs": { type: "string" },
  },
});

const fast = positive("--runs", flags.runs);
const slow =
  flags["wrangler-runs"] === undefined ? null : positive("--wrangler-runs", flags["wrangler-runs"]);
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const startedAt = new Date().toISOString();
const machine = describeMachine();
const versions = describeVersions();
const loadBefore = load();
if (loadBefore > 0.5) {
  say(
    `The load is ${loadBefore.toFixed(2)}: whoever else is at work here shares the cores and the disk with everybody below.`,
  );
}

const cases = [
  // Wrangler takes more than a minute for a large folder: one sample says enough there.
  ...SIZES.flatMap((size) =>
    measure(applyCase(size, runs(size, size > QUICK ? 1 : 3)), size === 1),
  ),
  ...SIZES.flatMap((size) => measure(statusCase(size, runs(size, 3)), size === 1)),
  ...measure(versionCase(runs(1, 0)), true),
];
say("memory");
const memory = memoryOfApply(3);
const targets = judge(cases, memory);
const loadAfter = load();

process.stdout.write(`\n${startedAt}, ${machine.cpu}, ${machine.cores} cores, ${machine.system}\n`);
process.stdout.write(
  `${Object.entries(versions)
    .map(([name, version]) => `${name} ${version ?? "not installed"}`)
    .join(", ")}\n`,
);
process.stdout.write(`load ${loadBefore.toFixed(2)} before, ${loadAfter.toFixed(2)} after\n\n`);
process.stdout.write([timeTable(cases), memoryTable(memory), targetTable(targets)].join("\n"));

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
  targets,
};
writeFileSync(new URL("latest.json", results), `${JSON.stringify(all, null, 2)}\n`);

/** The first case of a command is run once by everybody before it counts: files and compiled code are cached then. */
function measure({ command, migrations, entries }: Case, warmUp: boolean): Measured[] {
  say(
    migrations === null
      ? command
      : `${command}, ${migrations} ${migrations === 1 ? "migration" : "migrations"}`,
  );
  for (const { runs: wanted, prepare } of entries) if (warmUp && wanted > 0) run(prepare());
  return [{ command, migrations, results: race(entries, (text) => say(`  ${text}`)) }];
}

function runs(size: number, wranglerRuns: number): Runs {
  return {
    d1ops: fast,
    node: fast,
    sqlite3: sqlite3Version() === null ? 0 : fast,
    wrangler: flags.quick && size > QUICK ? 0 : (slow ?? wranglerRuns),
  };
}

function positive(flag: string, text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new Error(`${flag} wants a whole number from 1 up, not ${text}`);
  return number;
}
