/** @module Onboarding through the Worker, in workerd, under a load, next to a bare Worker that writes the same rows. */
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isRecord } from "../fixtures/cloudflare/json-body.ts";
import { BASE } from "../src/worker/routes.ts";
import { run } from "./measure.ts";
import { checkTenants } from "./onboarding-databases.ts";
import { tenantRows } from "./tenant-rows.ts";
import { type GeneratedTenant, generateTenants } from "./tenants.ts";
import { startWorkerd, type Workerd } from "./workerd.ts";

/**
 * `whole`: one request onboards a tenant. `steps`: six requests do. `batch`: a Worker of ten lines inserts the same rows in one batch.
 * `read`: the Worker's health, which reads one row. `nothing`: the types of agents, which read nothing and need no credentials.
 */
export type Work = "whole" | "steps" | "batch" | "read" | "nothing";

export interface WorkerLoad {
  readonly work: Work;
  /** The number of concurrent chains of requests. */
  readonly width: number;
  /** Per tenant. 1 for `read` and `nothing`. */
  readonly requests: number;
  readonly samples: readonly Figures[];
}

/** Milliseconds. */
export interface Figures {
  /** The time from one tenant to the next, or from one request to the next without tenants. */
  readonly each: number;
  /** CPU time of workerd per tenant, or per request without tenants. */
  readonly cpu: number;
  /** Latency of a request. */
  readonly p50: number;
  readonly p99: number;
}

interface Request {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** One request after the other. */
type Chain = readonly Request[];

const WIDTHS = [1, 8, 32];
/** Tenants before the first sample, so that V8 has compiled the code. */
const WARM_UP = 32;
const ROUNDS = 3;
/** Per sample. Each sample has different tenants. */
const TENANTS = 96;
const READS = 480;

const KEY = "key-of-the-benchmark-1";
const SHA_256 = createHash("sha256").update(KEY).digest("hex");
const SECRETS = {
  ONBOARDING_KEYS: JSON.stringify([{ id: "bench", sha256: SHA_256, tenants: "*" }]),
};

/** A Worker and its chains of requests. */
interface Contestant {
  readonly work: Work;
  readonly workerd: Workerd;
  readonly chains: readonly Chain[];
  /** True if the chains create tenants: then each chain runs once. */
  readonly writes: boolean;
}

/** `empty` has only the tables, `filled` at least as many tenants as this part needs. */
export async function measureWorker(
  empty: string,
  filled: string,
  say: (text: string) => void,
): Promise<WorkerLoad[]> {
  say("the Worker, in workerd");
  const { inserts, batches } = tenantRows(filled);
  const stops: (() => Promise<void>)[] = [];
  const start = async (main: URL, bindings: object): Promise<Workerd> => {
    const workerd = await startWorkerd(empty, fileURLToPath(main), { ...bindings });
    stops.push(workerd.stop);
    return workerd;
  };
  try {
    // Both onboard the same tenants, so each has a database of its own.
    const ours = new URL("../src/worker/index.ts", import.meta.url);
    const whole = await start(ours, SECRETS);
    const worker = await start(ours, SECRETS);
    const bare = await start(new URL("./batch-worker.js", import.meta.url), { INSERTS: inserts });
    const all = generateTenants(WARM_UP + ROUNDS * WIDTHS.length * TENANTS);
    const rows = batches.slice(0, all.length).map((batch) => JSON.stringify(batch));
    return await inTurn(
      [
        { work: "whole", workerd: whole, chains: all.map(wholeOf), writes: true },
        { work: "steps", workerd: worker, chains: all.map(stepsOf), writes: true },
        {
          work: "batch",
          workerd: bare,
          chains: rows.map((body) => [post("/", {}, body)]),
          writes: true,
        },
        { work: "read", workerd: worker, chains: gets("/health"), writes: false },
        { work: "nothing", workerd: worker, chains: gets(`${BASE}/agent-types`), writes: false },
      ],
      say,
    );
  } finally {
    for (const stop of stops) await stop();
  }
}

/** The contestants take turns at each width, so that a busy minute affects all of them. */
async function inTurn(
  contestants: readonly Contestant[],
  say: (text: string) => void,
): Promise<WorkerLoad[]> {
  for (const { workerd, chains } of contestants)
    await load(workerd, chains.slice(0, WARM_UP), WARM_UP);
  const loads = contestants.flatMap((contestant) =>
    WIDTHS.map((width) => ({ contestant, width, samples: [] as Figures[] })),
  );
  let there = WARM_UP;
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const width of WIDTHS) {
      say(`  round ${round} of ${ROUNDS}, ${width} at once`);
      for (const { contestant, samples } of loads.filter((one) => one.width === width)) {
        const { workerd, chains, writes } = contestant;
        const taken = writes ? chains.slice(there, there + TENANTS) : chains;
        samples.push(await load(workerd, taken, width));
        if (writes) checkTenants(workerd.stateFile, there + TENANTS);
      }
      there += TENANTS;
    }
  }
  return loads.map(({ contestant: { work, chains }, width, samples }) => ({
    work,
    width,
    requests: chains[0]?.length ?? 0,
    samples,
  }));
}

async function load(
  { dir, url, cpuMs }: Workerd,
  chains: readonly Chain[],
  width: number,
): Promise<Figures> {
  const plan = join(dir, "plan.json");
  writeFileSync(plan, JSON.stringify({ url, connections: width, chains }));
  let figures: Omit<Figures, "cpu"> = { each: Number.NaN, p50: Number.NaN, p99: Number.NaN };
  const before = cpuMs();
  await run({
    command: {
      file: process.execPath,
      args: [fileURLToPath(new URL("./load.js", import.meta.url)), plan],
      env: process.env,
    },
    cwd: dir,
    check(stdout) {
      const said: unknown = JSON.parse(stdout);
      if (!isRecord(said)) throw new Error(`no figures: ${stdout}`);
      const { ms, p50, p99 } = said;
      figures = { each: Number(ms) / chains.length, p50: Number(p50), p99: Number(p99) };
    },
    remove: () => {},
  });
  return { ...figures, cpu: (cpuMs() - before) / chains.length };
}

function gets(path: string): Chain[] {
  return Array.from({ length: READS }, () => [{ method: "GET", path }]);
}

function headersOf({ tenant, user }: GeneratedTenant): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${KEY}`, "x-tenant-id": tenant, "x-user-id": user };
}

function wholeOf(invented: GeneratedTenant): Chain {
  const { start, business, assistant, knowledge } = invented;
  const body = JSON.stringify({ start, business, assistant, knowledge });
  return [post(`${BASE}/tenant`, headersOf(invented), body)];
}

function stepsOf(invented: GeneratedTenant): Chain {
  const { start, business, assistant, knowledge } = invented;
  const headers = headersOf(invented);
  const step = (name: string, body: object): Request =>
    post(`${BASE}/session/:session/${name}`, headers, JSON.stringify(body));
  return [
    post(`${BASE}/start`, headers, JSON.stringify(start)),
    step("business", business),
    step("agents/auto-generate", {}),
    step("assistant", assistant),
    step("knowledge", knowledge),
    step("complete", {}),
  ];
}

function post(path: string, headers: Readonly<Record<string, string>>, body: string): Request {
  return {
    method: "POST",
    path,
    headers: { "content-type": "application/json", ...headers },
    body,
  };
}
