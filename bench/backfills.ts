/** @module `backfill run --local`: next to one UPDATE of all rows, and to the loop that a user would write. */
import { spawn } from "node:child_process";
import { isRecord } from "../fixtures/cloudflare/json-body.ts";
import { measureBackfillsRemote, type RemoteBackfills } from "./backfills-remote.ts";
import { type Command, d1ops, loop, sqlite3 } from "./contestants.ts";
import { type Entry, peakMemory, runInTurns, type Result, run, type Trial } from "./measure.ts";
import { checkMembers, type Form, makeMembers, makeTemplate, type Template } from "./members.ts";

export type LocalForm = Exclude<Form, "program">;
export type Filler = LocalForm | "sqlite3";

export interface Filled {
  readonly rows: number;
  readonly results: readonly Result<Filler>[];
}

export interface FillMemory {
  readonly form: LocalForm;
  readonly rows: number;
  readonly samplesBytes: readonly number[];
}

export interface Backfills {
  readonly filled: readonly Filled[];
  /** The largest table again, with a busy loop that takes one core. */
  readonly busy: readonly Result<Filler>[];
  /** The number of rows of the largest table that the loop processes, and the milliseconds of the loop alone. */
  readonly loop: { readonly rows: number; readonly samplesMs: readonly number[] };
  readonly memory: readonly FillMemory[];
  readonly remote: RemoteBackfills;
}

export interface BackfillRuns {
  readonly d1ops: number;
  readonly sqlite3: number;
  readonly loop: number;
}

export const LOCAL_FORMS: readonly LocalForm[] = ["window", "todo", "outcome"];
export const SMALL = 100_000;
const MIDDLE = 250_000;
export const LARGE = 1_000_000;
/** A million of them would take an hour. */
const LOOP_ROWS = 2_000;
const MEMORY_RUNS = 3;

export async function measureBackfills(
  runs: BackfillRuns,
  say: (text: string) => void,
): Promise<Backfills> {
  const filled: Filled[] = [];
  const busy: Result<Filler>[] = [];
  const memory: FillMemory[] = [];
  const loopMs: number[] = [];
  for (const rows of [SMALL, MIDDLE, LARGE]) {
    const template = makeTemplate(rows);
    try {
      say(`backfill run --local, ${rows} rows`);
      const entries = entriesOf(template, runs);
      if (rows === SMALL)
        for (const one of entries) if (one.runs > 0) await run(await one.prepare());
      filled.push({ rows, results: await runInTurns(entries, (text) => say(`  ${text}`)) });
      if (rows === LARGE) {
        say("  the same, beside a busy loop");
        busy.push(...(await withBusyLoop(() => runInTurns(entries, (text) => say(`  ${text}`)))));
      }
      if (rows !== MIDDLE) memory.push(...(await memoryOf(template)));
      if (rows === LARGE) {
        say(`  ${LOOP_ROWS} rows by a loop through wrangler's binding`);
        while (loopMs.length < runs.loop) loopMs.push(await loopTime(template));
      }
    } finally {
      template.remove();
    }
  }
  const remote = await measureBackfillsRemote(say);
  return { filled, busy, memory, loop: { rows: LOOP_ROWS, samplesMs: loopMs }, remote };
}

async function withBusyLoop<T>(measure: () => Promise<T>): Promise<T> {
  const busyLoop = spawn(process.execPath, ["--eval", "for (;;);"], { stdio: "ignore" });
  try {
    return await measure();
  } finally {
    busyLoop.kill();
  }
}

function entriesOf(template: Template, runs: BackfillRuns): Entry<Filler>[] {
  return [
    ...LOCAL_FORMS.map((form) => ({
      name: form,
      runs: runs.d1ops,
      prepare: () => trial(template, form),
    })),
    {
      name: "sqlite3",
      runs: runs.sqlite3,
      prepare() {
        const { dir, floorFile, remove } = makeMembers({ template, to: "floorFile" });
        const check = (): void => checkMembers(floorFile, template.rows, template.rows);
        return { command: sqlite3(floorFile), cwd: dir, check, remove };
      },
    },
  ];
}

function trial(template: Template, form: LocalForm): Trial {
  return localTrial(template, d1ops("backfill", "run", form, "--local"), template.rows, () => {});
}

function localTrial(
  template: Template,
  command: Command,
  done: number,
  hear: (stdout: string) => void,
): Trial {
  const { dir, stateFile, remove } = makeMembers({ template, to: "stateFile" });
  return {
    command,
    cwd: dir,
    check(stdout) {
      checkMembers(stateFile, done, template.rows);
      hear(stdout);
    },
    remove,
  };
}

async function memoryOf(template: Template): Promise<FillMemory[]> {
  const memory: FillMemory[] = [];
  for (const form of LOCAL_FORMS) {
    const samplesBytes: number[] = [];
    while (samplesBytes.length < MEMORY_RUNS) {
      samplesBytes.push(await peakMemory(trial(template, form)));
    }
    memory.push({ form, rows: template.rows, samplesBytes });
  }
  return memory;
}

/** Milliseconds of the loop, as it prints them. */
async function loopTime(template: Template): Promise<number> {
  let ms = Number.NaN;
  const hear = (stdout: string): void => {
    const said: unknown = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
    ms = Number(isRecord(said) ? said["ms"] : Number.NaN);
  };
  await run(localTrial(template, loop(LOOP_ROWS), LOOP_ROWS, hear));
  return ms;
}
