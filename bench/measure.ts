/** @module Runs contestants in turn and keeps every sample. */
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Command, Name } from "./contestants.ts";

/** One run: a command, its own folder, and the check of its result. */
export interface Trial {
  readonly command: Command;
  readonly cwd: string;
  /** The number of requests; absent without a server. */
  readonly requests?: () => Promise<number>;
  /** Throws if the result is wrong; then the sample does not count. */
  readonly check: (stdout: string) => void | Promise<void>;
  readonly remove: () => void;
}

export interface Entry<Who extends string = Name> {
  readonly name: Who;
  readonly runs: number;
  readonly prepare: () => Trial | Promise<Trial>;
}

export interface Result<Who extends string = Name> {
  readonly name: Who;
  /** The wall time of each process, in the order of the runs. Empty if not measured. */
  readonly samplesMs: readonly number[];
  /** Of each sample, with a server. */
  readonly requests: readonly number[];
}

export interface Sample {
  readonly ms: number;
  readonly requests: number | null;
}

/** Runs the contestants in turn: A B C A B C. One with fewer runs skips rounds, spread evenly. */
export async function runInTurns<Who extends string>(
  entries: readonly Entry<Who>[],
  say: (text: string) => void,
): Promise<Result<Who>[]> {
  const rounds = Math.max(...entries.map(({ runs }) => runs));
  const samples = new Map<Who, Sample[]>(entries.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, runs, prepare } of entries) {
      const due = Math.ceil(((round + 1) * runs) / rounds) > Math.ceil((round * runs) / rounds);
      if (!due) continue;
      say(`round ${round + 1} of ${rounds}: ${name}`);
      samples.get(name)?.push(await run(await prepare()));
    }
  }
  return entries.map(({ name }) => {
    const taken = samples.get(name) ?? [];
    return {
      name,
      samplesMs: taken.map(({ ms }) => ms),
      requests: taken.flatMap(({ requests }) => requests ?? []),
    };
  });
}

/** Throws if the run failed or its result is wrong. */
export async function run({ command, cwd, requests, check, remove }: Trial): Promise<Sample> {
  const { file, args, env } = command;
  // Without this, the first process that syncs would also write the preparation's data to the disk.
  spawnSync("sync");
  const started = performance.now();
  const child = spawnSync(file, args, {
    cwd,
    env,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ms = performance.now() - started;
  const line = [file, ...args].join(" ");
  if (child.error !== undefined) throw new Error(`${line} did not start`, { cause: child.error });
  if (child.status !== 0) {
    throw new Error(
      `${line} in ${cwd} ended with ${child.status ?? child.signal}:\n${child.stdout}\n${child.stderr}`,
    );
  }
  // Before the check, which may send requests too.
  const made = (await requests?.()) ?? null;
  try {
    await check(child.stdout);
  } catch (error) {
    throw new Error(`${line} in ${cwd} ended with 0, but left the wrong thing`, { cause: error });
  }
  remove();
  return { ms, requests: made };
}

/** The peak resident memory in bytes, as the process reads it at its exit. */
export async function peakMemory(trial: Trial): Promise<number> {
  const { command, cwd } = trial;
  const target = join(cwd, "peak.txt");
  let peak = 0;
  await run({
    ...trial,
    command: {
      ...command,
      args: ["--import", import.meta.resolve("./peak.js"), ...command.args],
      env: { ...command.env, D1OPS_BENCH_PEAK: target },
    },
    async check(stdout) {
      await trial.check(stdout);
      peak = Number(readFileSync(target, "utf8"));
      rmSync(target);
    },
  });
  return peak;
}
