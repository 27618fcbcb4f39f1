/**
 * The targets of onboarding, and whether a run meets them.
 * @module
 */
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
      "through the Worker, at its best width: at most 3 times the floor that waits for the disk with each tenant",
      3,
      best(onboarding.worker) / (of(SMALL, "FULL") / SMALL),
      times,
    ),
    atMost(
      "onboard run --remote, 200: at most 2 requests a tenant",
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

/** Milliseconds of a tenant. */
function best(loads: readonly WorkerLoad[]): number {
  const steps = loads.filter(({ work }) => work === "steps");
  return Math.min(...steps.map((load) => middle(load, "each")));
}

export function middle({ samples }: WorkerLoad, figure: keyof Figures): number {
  return median(samples.map((one) => one[figure])) ?? Number.NaN;
}
