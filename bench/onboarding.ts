/** @module Runs the onboarding part: `onboard run --local` next to the floor, its memory, the Worker, and `onboard run --remote`. */
import { copyFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isRecord } from "../fixtures/cloudflare/json-body.ts";
import {
  checkTenants,
  type Databases,
  makeDatabases,
  makeTenants,
  onboardTrial,
} from "./onboarding-databases.ts";
import { measureOnboardingRemote, type RemoteOnboarding } from "./onboarding-remote.ts";
import { measureWorker, type WorkerLoad } from "./onboarding-worker.ts";
import { peakMemory, run, type Trial } from "./measure.ts";

/** `first`: no tenant exists yet. `again`: all exist. The others are the floor, with that value of `PRAGMA synchronous`. */
const WHO = ["first", "again", "NORMAL", "FULL"] as const;
export type Who = (typeof WHO)[number];

export interface OnboardingSamples {
  readonly tenants: number;
  readonly who: Who;
  /** The whole process of d1ops, but only the inserts of the floor. */
  readonly samplesMs: readonly number[];
}

export interface OnboardingMemory {
  readonly tenants: number;
  readonly who: "first" | "again";
  readonly samplesBytes: readonly number[];
}

export interface Onboarding {
  readonly local: readonly OnboardingSamples[];
  readonly memory: readonly OnboardingMemory[];
  readonly worker: readonly WorkerLoad[];
  readonly remote: RemoteOnboarding;
}

export const SMALL = 1_000;
export const LARGE = 10_000;
const SIZES = [SMALL, LARGE];
const MEMORY_RUNS = 2;

export async function measureOnboarding(
  runs: number,
  say: (text: string) => void,
): Promise<Onboarding> {
  const databases = await makeDatabases(SIZES);
  try {
    const local: OnboardingSamples[] = [];
    const memory: OnboardingMemory[] = [];
    for (const tenants of SIZES) {
      say(`onboard run --local, ${tenants} tenants`);
      // Small runs are short, and vary more.
      const rounds = tenants === SMALL ? 3 * runs : runs;
      local.push(...(await inTurn(databases, tenants, rounds, say)));
      for (const who of ["first", "again"] as const) {
        const samplesBytes: number[] = [];
        while (samplesBytes.length < MEMORY_RUNS)
          samplesBytes.push(await peakMemory(ours(databases, tenants, who)));
        memory.push({ tenants, who, samplesBytes });
      }
    }
    const worker = await measureWorker(databases.empty, filledWith(databases, SMALL), say);
    return { local, memory, worker, remote: await measureOnboardingRemote(say) };
  } finally {
    databases.remove();
  }
}

async function inTurn(
  databases: Databases,
  tenants: number,
  runs: number,
  say: (text: string) => void,
): Promise<OnboardingSamples[]> {
  const samples = WHO.map((who) => ({ tenants, who, samplesMs: [] as number[] }));
  for (let round = 1; round <= runs; round += 1) {
    say(`  round ${round} of ${runs}`);
    for (const { who, samplesMs } of samples) {
      samplesMs.push(
        who === "first" || who === "again"
          ? (await run(ours(databases, tenants, who))).ms
          : await floor(databases, tenants, who),
      );
    }
  }
  return samples;
}

function ours(databases: Databases, tenants: number, who: "first" | "again"): Trial {
  const template = who === "first" ? databases.empty : filledWith(databases, tenants);
  const state = who === "first" ? "onboarded" : "already";
  return onboardTrial(makeTenants(tenants, template), tenants, state);
}

/** Milliseconds of the inserts, as the process prints them. */
async function floor(
  databases: Databases,
  tenants: number,
  synchronous: "NORMAL" | "FULL",
): Promise<number> {
  const { dir, floorFile, remove } = makeTenants(tenants, null);
  copyFileSync(databases.empty, floorFile);
  const script = fileURLToPath(new URL("./onboarding-floor.ts", import.meta.url));
  const args = [script, filledWith(databases, tenants), floorFile, synchronous];
  let ms = Number.NaN;
  await run({
    command: { file: process.execPath, args, env: process.env },
    cwd: dir,
    check(stdout) {
      checkTenants(floorFile, tenants);
      const said: unknown = JSON.parse(stdout);
      ms = Number(isRecord(said) ? said["ms"] : Number.NaN);
    },
    remove,
  });
  return ms;
}

function filledWith({ filled }: Databases, tenants: number): string {
  const file = filled.get(tenants);
  if (file === undefined) throw new Error(`no database with ${tenants} tenants was made`);
  return file;
}
