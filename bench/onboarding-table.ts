/** @module The results of onboarding. */
import type { Onboarding, Who } from "./onboarding.ts";
import { medianOf, timeOf, toBareWorker } from "./onboarding-targets.ts";
import type { Work } from "./onboarding-worker.ts";
import { median } from "./statistics.ts";
import { compare, megabytes, milliseconds, spell, table } from "./table.ts";

const WHO: Readonly<Record<Who, string>> = {
  first: "d1ops, no tenant exists",
  again: "d1ops, all tenants exist",
  NORMAL: "the floor, NORMAL",
  FULL: "the floor, FULL",
};

const WORK: Readonly<Record<Work, string>> = {
  whole: "the Worker, /tenant: one request",
  steps: "the Worker, six requests",
  batch: "a bare Worker, one batch of the rows",
  read: "the Worker, /health: reads one row",
  nothing: "the Worker, /agent-types: reads nothing",
};

export function onboardingTables(onboarding: Onboarding): string[] {
  return [
    localTable(onboarding),
    memoryTable(onboarding),
    workerTable(onboarding),
    remoteTable(onboarding),
  ];
}

function localTable(onboarding: Onboarding): string {
  const rows = onboarding.local.map(({ tenants, who, samplesMs }) => {
    const own = median(samplesMs);
    return [
      count(tenants),
      WHO[who],
      String(samplesMs.length),
      spell(own),
      `${milliseconds(Math.min(...samplesMs))} - ${milliseconds(Math.max(...samplesMs))}`,
      own === null ? "" : count(Math.round(tenants / (own / 1000))),
      compare(own, timeOf(onboarding, tenants, "NORMAL")),
      compare(own, timeOf(onboarding, tenants, "FULL")),
    ];
  });
  const head = [
    "tenants",
    "onboard run --local",
    "runs",
    "median",
    "min - max",
    "tenants per second",
  ];
  return table([...head, "to NORMAL", "to FULL"], rows);
}

function memoryTable({ memory }: Onboarding): string {
  const rows = memory.map(({ tenants, who, samplesBytes }) => [
    count(tenants),
    WHO[who],
    String(samplesBytes.length),
    megabytes(median(samplesBytes) ?? Number.NaN),
    `${megabytes(Math.min(...samplesBytes))} - ${megabytes(Math.max(...samplesBytes))}`,
  ]);
  return table(
    ["tenants", "peak memory of onboard run --local", "runs", "median", "min - max"],
    rows,
  );
}

/** A tenant through the Worker, next to the same rows through a bare Worker: wall time, and CPU time of workerd. */
function workerTable({ worker }: Onboarding): string {
  const rows = worker.map((load) => {
    const { work, width, requests } = load;
    const each = medianOf(load, "each");
    const onboards = work === "whole" || work === "steps";
    return [
      WORK[work],
      String(width),
      ((1000 * requests) / each).toFixed(0),
      milliseconds(medianOf(load, "p50")),
      milliseconds(medianOf(load, "p99")),
      milliseconds(each),
      milliseconds(medianOf(load, "cpu")),
      onboards ? spellRatio(toBareWorker(load, worker, "each")) : "",
      onboards ? spellRatio(toBareWorker(load, worker, "cpu")) : "",
    ];
  });
  const head = ["in workerd", "at once", "requests per second", "p50", "p99", "time", "CPU"];
  return table([...head, "time to the bare Worker", "CPU to the bare Worker"], rows);
}

function spellRatio(ratio: number): string {
  return `${ratio.toFixed(1)}x`;
}

function remoteTable({ remote: { latencyMs, tenants, runs } }: Onboarding): string {
  const rows = runs.map(({ state, ms, requests }) => [
    state === "onboarded" ? WHO.first : WHO.again,
    String(requests),
    (requests / tenants).toFixed(2),
    milliseconds(ms),
    (tenants / (ms / 1000)).toFixed(0),
  ]);
  const head = `onboard run --remote, ${count(tenants)} tenants, ${latencyMs} ms away`;
  return table([head, "requests", "per tenant", "time", "tenants per second"], rows);
}

function count(number: number): string {
  return number.toLocaleString("en-US");
}
