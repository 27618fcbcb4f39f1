/** @module `onboard run --remote` over a fake Cloudflare 50 ms away: the number of requests for new tenants and for existing ones. */
import { type Cloudflare, type Hosted, LATENCY_MS, startCloudflare } from "./cloudflare.ts";
import { d1ops, withVariables } from "./contestants.ts";
import { run } from "./measure.ts";
import { requireOutput, FILE, makeTenants, migrationsSql } from "./onboarding-databases.ts";
import { requireTenants, STATE_SQL } from "./tenants.ts";

export interface RemoteRun {
  readonly state: "onboarded" | "already";
  readonly ms: number;
  readonly requests: number;
}

export interface RemoteOnboarding {
  readonly latencyMs: number;
  readonly tenants: number;
  readonly runs: readonly RemoteRun[];
}

const TENANTS = 200;

export async function measureOnboardingRemote(
  say: (text: string) => void,
): Promise<RemoteOnboarding> {
  const cloudflare = await startCloudflare();
  try {
    const database = await cloudflare.createDatabase(migrationsSql());
    const runs: RemoteRun[] = [];
    for (const state of ["onboarded", "already"] as const) {
      say(`onboard run --remote, ${TENANTS} tenants: ${state}`);
      runs.push(await onboard(cloudflare, database, state));
    }
    return { latencyMs: LATENCY_MS, tenants: TENANTS, runs };
  } finally {
    await cloudflare.close();
  }
}

async function onboard(
  cloudflare: Cloudflare,
  database: Hosted,
  state: RemoteRun["state"],
): Promise<RemoteRun> {
  const { dir, remove } = makeTenants(TENANTS, null, database);
  const before = await cloudflare.requests();
  const { ms, requests } = await run({
    command: withVariables(
      d1ops("onboard", "run", FILE, "--remote", "--yes"),
      cloudflare.variables,
    ),
    cwd: dir,
    requests: async () => (await cloudflare.requests()) - before,
    async check(stdout) {
      requireOutput(stdout, TENANTS, state);
      requireTenants((await cloudflare.values(database, STATE_SQL))[0], TENANTS);
    },
    remove,
  });
  return { state, ms, requests: requests ?? Number.NaN };
}
