import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { snapshotCopy } from "../../src/commands/snapshot/copy.ts";
import { snapshotList } from "../../src/commands/snapshot/list.ts";
import { snapshotTake } from "../../src/commands/snapshot/take.ts";
import { snapshotVerify } from "../../src/commands/snapshot/verify.ts";
import { realClock } from "../../src/failure/clock.ts";
import { snapshotCodec as codec } from "../../src/files/snapshot-codec.ts";
import { s3Store } from "../../src/s3/s3-store.ts";
import { executePrune } from "../../src/snapshots/prune/prune.ts";
import { planPrune } from "../../src/snapshots/prune/prune-plan.ts";
import type { Store } from "../../src/snapshots/store/store.ts";
import { snapshotShop, takeIn } from "../cli/snapshot-shop.ts";
import { BIN, type Project } from "../project.ts";
import { until } from "../until.ts";
import { numbered, take } from "../snapshots/store-folder.ts";
import { type CuttingProxy, cuttingProxy } from "./cutting-proxy.ts";
import { endpoint, homeIn, SETTINGS } from "./s3-home.ts";
import { KEY, makeBucket } from "./swift.ts";

/** The network fails at each request of a command, one after the other. */

let proxy: CuttingProxy;
let bucket = "";
let stores = 0;

beforeAll(async () => {
  if (inject("swift") === null) return;
  proxy = await cuttingProxy(endpoint());
  bucket = await makeBucket(endpoint());
});
afterAll(async () => proxy?.stop());

/** The waits of the retries are not part of the tests. */
const clock = { ...realClock, sleep: async (): Promise<void> => {} };

function common(project: Project): Parameters<typeof snapshotTake>[0] & object {
  return { cwd: project.dir, variables: variables(), clock };
}

function variables(): Readonly<Record<string, string>> {
  return {
    AWS_ENDPOINT_URL_S3: proxy.endpoint,
    AWS_ACCESS_KEY_ID: KEY.accessKeyId,
    AWS_SECRET_ACCESS_KEY: KEY.secretAccessKey,
  };
}

function newStore(): string {
  stores += 1;
  return `s3://${bucket}/store-${stores}`;
}

type Command = (project: Project, store: string) => Promise<{ readonly exitCode: number }>;

const COMMANDS: Readonly<Record<string, Command>> = {
  take: async (project, store) => snapshotTake({ ...common(project), store }),
  copy: async (project, to) => snapshotCopy({ ...common(project), all: true, to }),
};

async function expectWhole(project: Project, store: string, snapshots: number): Promise<void> {
  proxy.cut(0, "before");
  const { exitCode, data } = await snapshotVerify({ ...common(project), store, all: true });
  expect(exitCode).toBe(0);
  expect(data["snapshots"]).toHaveLength(snapshots);
}

describe.skipIf(inject("swift") === null)("a network that fails at each request", () => {
  describe.each(Object.entries(COMMANDS))("of %s", (_, command) => {
    test.each(["before", "after"] as const)(
      "is repeated if the connection is cut %s the storage has carried it out",
      async (how) => {
        const project = await snapshotShop();
        await takeIn(project);
        let requests = 0;
        let tested = 0;
        do {
          const store = newStore();
          proxy.cut(tested + 1, how);
          expect((await command(project, store)).exitCode).toBe(0);
          requests = proxy.connections();
          await expectWhole(project, store, 1);
          tested += 1;
        } while (tested < requests - 1);
        expect(tested).toBeGreaterThan(5);
      },
    );

    test("leaves whole snapshots only if it fails for good, and the next run succeeds", async () => {
      const project = await snapshotShop();
      await takeIn(project);
      let failed = true;
      let tested = 0;
      while (failed) {
        const store = newStore();
        tested += 1;
        proxy.cut(tested, "from then on");
        failed = await hasFailed(command(project, store));
        proxy.cut(0, "before");
        expect((await command(project, store)).exitCode).toBe(0);
        const { data } = await snapshotVerify({ ...common(project), store, all: true });
        expect(data["snapshots"]).toSatisfy(areIntact);
      }
      expect(tested).toBeGreaterThan(5);
    });
  });

  test("repeats the requests of a prune, and each snapshot is whole or gone", async () => {
    for (const how of ["before", "after"] as const) {
      let requests = 0;
      let tested = 0;
      do {
        const home = homeIn(bucket, newStore().split("/").at(-1));
        const direct = s3Store(home, SETTINGS);
        const kept = await history(direct);
        const cut = s3Store({ ...home, endpoint: proxy.endpoint }, { ...SETTINGS, clock });
        proxy.cut(tested + 1, how);
        await prune(cut);
        requests = proxy.connections();
        expect((await direct.list("snapshots")).map(({ name }) => name)).toEqual([kept]);
        expect(await direct.list("packs")).toHaveLength(1);
        tested += 1;
      } while (tested < requests - 1);
      expect(tested).toBeGreaterThan(5);
    }
  });
});

function areIntact(snapshots: readonly { readonly intact: boolean }[]): boolean {
  return snapshots.every(({ intact }) => intact);
}

/** Three snapshots that share no packs. Returns the id of the newest. */
async function history(store: Store): Promise<string> {
  let id = "";
  for (const rows of [10, 20, 30]) ({ id } = await take(store, { d1: await numbered(rows) }));
  return id;
}

/** Two days later, so that no running take needs a snapshot. */
async function prune(store: Store): Promise<void> {
  const now = new Date(Date.now() + 48 * 3_600_000);
  const counts = { last: 1, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 };
  const policy = { counts, within: null, labels: [] };
  const plan = await planPrune({ store, codec, policy, isConcerned: () => true, now });
  await executePrune({ store, codec }, plan, () => now);
}

async function hasFailed(run: Promise<unknown>): Promise<boolean> {
  try {
    await run;
    return false;
  } catch (error) {
    expect(error).toMatchObject({ code: "STORE_UNREACHABLE" });
    return true;
  }
}

test.skipIf(inject("swift") === null)(
  "a copy that is killed at any request leaves whole snapshots only, and the next one completes",
  async () => {
    const project = await snapshotShop();
    await takeIn(project);
    const db = project.open();
    db.exec("UPDATE users SET n = 0 WHERE id = 7");
    db.close();
    await takeIn(project);
    let landed = 0;
    for (let kill = 1; kill <= 8; kill += 1) {
      const to = newStore();
      proxy.cut(0, "before");
      const child = spawn(process.execPath, [BIN, "snapshot", "copy", "--all", "--to", to], {
        cwd: project.dir,
        stdio: "ignore",
        env: { ...process.env, ...variables() },
      });
      const ended = once(child, "exit");
      await until(() => child.exitCode !== null || proxy.connections() >= kill * 2);
      child.kill("SIGKILL");
      const [, signal] = await ended;
      landed += signal === "SIGKILL" ? 1 : 0;
      const { data } = await snapshotList({ ...common(project), store: to });
      // `verify` fails for a store without snapshots, which an early kill leaves.
      if (Array.isArray(data["snapshots"]) && data["snapshots"].length > 0) {
        const { data: verified } = await snapshotVerify({
          ...common(project),
          store: to,
          all: true,
        });
        expect(verified["snapshots"]).toSatisfy(areIntact);
      }
      expect((await snapshotCopy({ ...common(project), all: true, to })).exitCode).toBe(0);
      await expectWhole(project, to, 2);
    }
    expect(landed).toBeGreaterThan(4);
  },
);
