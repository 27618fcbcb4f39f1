/**
 * The results of onboarding.
 * @module
 */
import { type Onboarding, SMALL, type Who } from "./onboarding.ts";
import { middle, timeOf } from "./onboarding-targets.ts";
import type { Work, WorkerLoad } from "./onboarding-worker.ts";
import { median } from "./statistics.ts";
import { compare, megabytes, milliseconds, spell, table } from "./table.ts";

const WHO: Readonly<Record<Who, string>> = {
  first: "d1ops, none is there",
  again: "d1ops, all are there",
  NORMAL: "the floor, NORMAL",
  FULL: "the floor, FULL",
};

const WORK: Readonly<Record<Work, string>> = {
  steps: "the Worker, six steps",
  batch: "a bare Worker, one batch of the rows",
  read: "the Worker, /health: one row is read",
  nothing: "the Worker, /agent-types: nothing is read",
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
    "tenants a second",
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

/** A tenant through the Worker against one of the floor that waits for the disk each time, and against a bare Worker. */
function workerTable(onboarding: Onboarding): string {
  const { worker } = onboarding;
  const full = timeOf(onboarding, SMALL, "FULL");
  const at = (wanted: Work, width: number): WorkerLoad | undefined =>
    worker.find((one) => one.work === wanted && one.width === width);
  const rows = worker.map((load) => {
    const { work, width, requests } = load;
    const each = middle(load, "each");
    const [batch, nothing] = [at("batch", width), at("nothing", width)];
    const tenant = work === "steps" || work === "batch" ? each : null;
    const idle = work === "steps" || work === "read" ? nothing : undefined;
    return [
      WORK[work],
      String(width),
      ((1000 * requests) / each).toFixed(0),
      milliseconds(middle(load, "p50")),
      milliseconds(middle(load, "p99")),
      tenant === null ? "" : (1000 / tenant).toFixed(1),
      compare(tenant, full === null ? null : full / SMALL),
      compare(tenant, batch === undefined ? null : middle(batch, "each")),
      idle === undefined ? "" : `${((100 * requests * middle(idle, "each")) / each).toFixed(0)} %`,
    ];
  });
  const head = ["in workerd", "at once", "requests a second", "p50", "p99", "tenants a second"];
  return table([...head, "to FULL", "to the bare Worker", "of it nothing"], rows);
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
  return table([head, "requests", "a tenant", "time", "tenants a second"], rows);
}

function count(number: number): string {
  return number.toLocaleString("en-US");
}
