/** @module `backfill run --remote` over a fake Cloudflare 50 ms away: counts its requests. */
import { LATENCY_MS, type Cloudflare, startCloudflare } from "./cloudflare.ts";
import { d1ops, withVariables } from "./contestants.ts";
import { run } from "./measure.ts";
import { requireDone, DONE_SQL, type Form, makeMembers, membersSql } from "./members.ts";

export interface RemoteFill {
  readonly form: Form;
  /** The value of `--max-window`. */
  readonly maxWindow: number;
  readonly ms: number;
  /** The number of windows in the backfill's state in the database. */
  readonly windows: number;
  /** The number of all requests, and of those with a window, recognised by their SQL. */
  readonly requests: number;
  readonly carrying: number;
}

export interface RemoteBackfills {
  readonly latencyMs: number;
  readonly rows: number;
  readonly fills: readonly RemoteFill[];
}

const ROWS = 20_000;
const FORMS: readonly Form[] = ["window", "todo", "outcome", "program"];
/** A few windows and many: the difference is the cost of the windows. */
const MAX_WINDOWS = [10_000, 500];

export async function measureBackfillsRemote(
  say: (text: string) => void,
): Promise<RemoteBackfills> {
  const cloudflare = await startCloudflare();
  try {
    const fills: RemoteFill[] = [];
    for (const form of FORMS) {
      for (const maxWindow of MAX_WINDOWS) {
        say(`backfill run --remote, ${ROWS} rows: ${form}, windows of ${maxWindow} at most`);
        fills.push(await fill(cloudflare, form, maxWindow));
      }
    }
    return { latencyMs: LATENCY_MS, rows: ROWS, fills };
  } finally {
    await cloudflare.close();
  }
}

async function fill(cloudflare: Cloudflare, form: Form, maxWindow: number): Promise<RemoteFill> {
  const database = await cloudflare.createDatabase(membersSql(ROWS));
  const project = makeMembers(null, database);
  const args = ["--remote", "--yes", "--max-window", String(maxWindow)];
  let carrying = 0;
  let windows = 0;
  const { ms, requests } = await run({
    command: withVariables(d1ops("backfill", "run", form, ...args), cloudflare.variables),
    cwd: project.dir,
    async requests() {
      const texts = await cloudflare.texts();
      carrying = texts.filter((sql) =>
        sql.some((text) => text.includes("windows = windows + 1")),
      ).length;
      return texts.length;
    },
    async check() {
      const [done] = await cloudflare.values(database, DONE_SQL);
      requireDone(done, ROWS, ROWS);
      const [count] = await cloudflare.values(database, "SELECT windows FROM d1ops_backfills");
      windows = Number(count);
    },
    remove: () => project.remove(),
  });
  return { form, maxWindow, ms, windows, requests: requests ?? Number.NaN, carrying };
}
