/**
 * Onboarding through the Worker: six requests a tenant, in workerd, under a load; and what workerd takes by itself.
 * @module
 */
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isRecord } from "../fixtures/cloudflare/json-body.ts";
import { BASE } from "../src/worker/routes.ts";
import { type Dev, startDev } from "./dev.ts";
import { run } from "./measure.ts";
import { checkTenants } from "./onboarding-ground.ts";
import { tenantRows } from "./tenant-rows.ts";
import { type InventedTenant, inventTenants } from "./tenants.ts";

/**
 * `steps`: six requests each onboard a tenant. `batch`: a Worker of ten lines inserts the rows of a tenant by one batch.
 * `read`: the Worker's health, which reads one row. `nothing`: the types of agents, for which nobody is asked.
 */
export type Work = "steps" | "batch" | "read" | "nothing";

export interface WorkerLoad {
  readonly work: Work;
  /** How many are under way at once. */
  readonly width: number;
  /** Of a tenant; of `read` and `nothing` it is one. */
  readonly requests: number;
  readonly samples: readonly Figures[];
}

/** Milliseconds. */
export interface Figures {
  /** From one tenant, or request of none, being done to the next being done. */
  readonly each: number;
  /** Of a request. */
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
/** Before anything counts: until its code is compiled a Worker is no measure. */
const WARM_UP = 32;
const ROUNDS = 3;
/** Of a sample, each with tenants of its own. */
const TENANTS = 96;
const READS = 480;

const KEY = "key-of-the-benchmark-1";
const SHA_256 = createHash("sha256").update(KEY).digest("hex");
const SECRETS = `ONBOARDING_KEYS='${JSON.stringify([{ id: "bench", sha256: SHA_256, tenants: "*" }])}'\n`;

/** Who takes turns, with the chains that are left to it. */
interface Contestant {
  readonly work: Work;
  readonly dev: Dev;
  readonly chains: readonly Chain[];
  /** It makes tenants, so that nothing can be done twice. */
  readonly writes: boolean;
}

/** `empty` has the tables, `filled` the rows of as many tenants as are wanted here. */
export async function measureWorker(
  empty: string,
  filled: string,
  say: (text: string) => void,
): Promise<WorkerLoad[]> {
  say("the Worker, in workerd");
  const { inserts, batches } = tenantRows(filled);
  const bare = fileURLToPath(new URL("./batch-worker.js", import.meta.url));
  const worker = await startDev(empty, { secrets: SECRETS });
  try {
    const floor = await startDev(empty, { main: bare, vars: { INSERTS: inserts } });
    try {
      const all = inventTenants(WARM_UP + ROUNDS * WIDTHS.length * TENANTS);
      const rows = batches.slice(0, all.length).map((batch) => JSON.stringify(batch));
      return await inTurn(
        [
          { work: "steps", dev: worker, chains: all.map(steps), writes: true },
          {
            work: "batch",
            dev: floor,
            chains: rows.map((body) => [post("/", {}, body)]),
            writes: true,
          },
          { work: "read", dev: worker, chains: gets("/health"), writes: false },
          { work: "nothing", dev: worker, chains: gets(`${BASE}/agent-types`), writes: false },
        ],
        say,
      );
    } finally {
      await floor.stop();
    }
  } finally {
    await worker.stop();
  }
}

/** One after the other at each width, so that a busy minute hits them all. */
async function inTurn(
  contestants: readonly Contestant[],
  say: (text: string) => void,
): Promise<WorkerLoad[]> {
  for (const { dev, chains } of contestants) await load(dev, chains.slice(0, WARM_UP), WARM_UP);
  const loads = contestants.flatMap((contestant) =>
    WIDTHS.map((width) => ({ contestant, width, samples: [] as Figures[] })),
  );
  let there = WARM_UP;
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const width of WIDTHS) {
      say(`  round ${round} of ${ROUNDS}, ${width} at once`);
      for (const { contestant, samples } of loads.filter((one) => one.width === width)) {
        const { dev, chains, writes } = contestant;
        const taken = writes ? chains.slice(there, there + TENANTS) : chains;
        samples.push(await load(dev, taken, width));
        if (writes) checkTenants(dev.stateFile, there + TENANTS);
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

async function load({ dir, url }: Dev, chains: readonly Chain[], width: number): Promise<Figures> {
  const plan = join(dir, "plan.json");
  writeFileSync(plan, JSON.stringify({ url, connections: width, chains }));
  const script = fileURLToPath(new URL("./load.js", import.meta.url));
  let figures: Figures = { each: Number.NaN, p50: Number.NaN, p99: Number.NaN };
  await run({
    command: { file: process.execPath, args: [script, plan], env: process.env },
    cwd: dir,
    check(stdout) {
      const said: unknown = JSON.parse(stdout);
      if (!isRecord(said)) throw new Error(`no figures: ${stdout}`);
      const { ms, p50, p99 } = said;
      figures = { each: Number(ms) / chains.length, p50: Number(p50), p99: Number(p99) };
    },
    remove: () => {},
  });
  return figures;
}

function gets(path: string): Chain[] {
  return Array.from({ length: READS }, () => [{ method: "GET", path }]);
}

function steps({ tenant, user, start, business, assistant, knowledge }: InventedTenant): Chain {
  const headers = { authorization: `Bearer ${KEY}`, "x-tenant-id": tenant, "x-user-id": user };
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
