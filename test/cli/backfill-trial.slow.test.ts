import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import {
  type Cloudflare,
  type CloudflareOptions,
  startCloudflare,
} from "../../fixtures/cloudflare/fake.ts";
import { makeRemoteProject, type RemoteProject } from "../project/remote.ts";
import { BIN, errorOf, run } from "../project.ts";

/** However a remote dry run ends, it deletes its copy of the data. */

/** Prints that it has begun, and then blocks the process for a second and a half. */
const DEAF = `let begun = false;
export default {
  source: "t", key: "id",
  decide() {
    if (!begun) process.stderr.write("begun\\n");
    begun = true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 15);
    return { outcome: "already" };
  },
};
`;

interface SlowProject {
  readonly cloudflare: Cloudflare;
  readonly project: RemoteProject;
  readonly env: NodeJS.ProcessEnv;
  copies(): string[];
}

async function slowProject(options: CloudflareOptions = {}): Promise<SlowProject> {
  const cloudflare = await startCloudflare(options);
  const project = makeRemoteProject(cloudflare, { "migrations/backfills/0001_deaf.mjs": DEAF });
  const db = project.database.open();
  db.exec(`CREATE TABLE t(id INTEGER PRIMARY KEY, a);
WITH RECURSIVE k(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < 100) INSERT INTO t SELECT i, hex(zeroblob(10000)) FROM k;
CREATE INDEX by_a ON t(a)`);
  db.close();
  const room = mkdtempSync(join(tmpdir(), "d1ops-room-"));
  onTestFinished(async () => {
    await cloudflare.close();
    rmSync(room, { recursive: true });
  });
  const env = { ...process.env, ...cloudflare.variables(), TMPDIR: room };
  return {
    cloudflare,
    project,
    env,
    copies: () => readdirSync(room).filter((name) => name.startsWith("d1ops-")),
  };
}

const DRY = [
  "backfill",
  "run",
  "1",
  "--remote",
  "--dry-run",
  "--yes",
  "--json",
  "--max-window",
  "10",
];

function begin({ project, env }: SlowProject): ChildProcess {
  return spawn(process.execPath, [BIN, ...DRY], {
    cwd: project.dir,
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test("a remote dry run exits with 130 on Ctrl-C during the export", async () => {
  const home = await slowProject({ pace: { polls: 1_000_000 } });
  const child = begin(home);
  await until(() => home.cloudflare.operations().filter((name) => name === "d1.export").length > 2);
  child.kill("SIGINT");
  expect(await once(child, "close")).toEqual([130, null]);
  expect(home.copies()).toEqual([]);
});

test("a remote dry run exits with 130 on Ctrl-C during the download", async () => {
  const home = await slowProject();
  home.cloudflare.order({ kind: "slow", ms: 20_000, operation: "d1.export.download" });
  const child = begin(home);
  await until(() => home.cloudflare.operations().includes("d1.export.download"));
  await until(() => home.copies().length > 0);
  child.kill("SIGINT");
  expect(await once(child, "close")).toEqual([130, null]);
  expect(home.copies()).toEqual([]);
});

test("a remote dry run exits at once on a second Ctrl-C during the run on the copy, and deletes the copy", async () => {
  const home = await slowProject();
  const child = begin(home);
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
  await until(() => said.includes("begun"));
  expect(home.copies()).toEqual([expect.stringMatching(/^d1ops-copy-/)]);
  child.kill("SIGINT");
  await new Promise((resolve) => setTimeout(resolve, 50));
  child.kill("SIGINT");
  expect(await once(child, "close")).toEqual([130, null]);
  expect(home.copies()).toEqual([]);
});

test.skipIf(process.platform === "win32").each([
  ["the dump", 100, /could not write .*dump\.sql/],
  ["the copy", 3000, /could not write the copy .*copy\.sqlite/],
])(
  "a remote dry run fails and leaves no file if the disk has no space for %s",
  async (_, kilobytes, message) => {
    const home = await slowProject();
    // Blocks of 512 bytes in a POSIX shell: no file may become larger.
    const limited = `ulimit -f ${kilobytes * 2}; exec "$0" "$@"`;
    const args = ["-c", limited, process.execPath, BIN, ...DRY];
    const ended = await run("sh", args, home.project.dir, { env: home.env });
    expect(ended.code, ended.stderr).toBe(3);
    expect(errorOf(ended)).toMatchObject({
      code: "FILE_UNWRITABLE",
      message: expect.stringMatching(message),
    });
    expect(home.copies()).toEqual([]);
  },
);
