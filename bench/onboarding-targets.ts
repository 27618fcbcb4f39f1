/** @module The targets of onboarding, and the verdict of a run. */
import { LARGE, type Onboarding, SMALL, type Who } from "./onboarding.ts";
import type { Figures, WorkerLoad } from "./onboarding-worker.ts";
import { median } from "./statistics.ts";
import { atMost, type Target, times } from "./targets.ts";

export function judgeOnboarding(onboarding: Onboarding): Target[] {
  const of = (tenants: number, who: Who): number => timeOf(onboarding, tenants, who) ?? Number.NaN;
  const { remote } = onboarding;
  const first = remote.runs.find(({ state }) => state === "onboarded");
  return [
    ...[SMALL, LARGE].map((tenants) =>
      atMost(
        `onboard run --local, ${tenants.toLocaleString("en-US")}: at most 3 times the floor that waits for the disk as often`,
        3,
        of(tenants, "first") / of(tenants, "NORMAL"),
        times,
      ),
    ),
    atMost(
      "onboard run --local, 10,000: under 20 s",
      20,
      of(LARGE, "first") / 1000,
      (seconds) => `${seconds.toFixed(1)} s`,
    ),
    atMost(
      "a tenant through the Worker in one request, at its worst width: at most 3 times the bare Worker",
      3,
      worst(onboarding.worker, "each"),
      times,
    ),
    atMost(
      "the same, in CPU time: at most 3 times the bare Worker",
      3,
      worst(onboarding.worker, "cpu"),
      times,
    ),
    atMost(
      "onboard run --remote, 200: at most 2 requests per tenant",
      2,
      first === undefined ? null : first.requests / remote.tenants,
      (number) => number.toFixed(2),
    ),
  ];
}

/** Median milliseconds. */
export function timeOf({ local }: Onboarding, tenants: number, who: Who): number | null {
  const found = local.find((one) => one.tenants === tenants && one.who === who);
  return median(found?.samplesMs ?? []);
}

function worst(loads: readonly WorkerLoad[], figure: keyof Figures): number {
  const whole = loads.filter(({ work }) => work === "whole");
  return Math.max(...whole.map((load) => toBareWorker(load, loads, figure)));
}

/** How many times the figure of the bare Worker at the same width. */
export function toBareWorker(
  load: WorkerLoad,
  loads: readonly WorkerLoad[],
  figure: keyof Figures,
): number {
  const bare = loads.find(({ work, width }) => work === "batch" && width === load.width);
  return bare === undefined ? Number.NaN : medianOf(load, figure) / medianOf(bare, figure);
}

export function medianOf({ samples }: WorkerLoad, figure: keyof Figures): number {
  return median(samples.map((one) => one[figure])) ?? Number.NaN;
}
