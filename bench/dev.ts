/**
 * `wrangler dev`: a Worker in workerd, over a copy of a database.
 * @module
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, copyFileSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { parse } from "jsonc-parser";
import { isRecord } from "../fixtures/cloudflare/json-body.ts";
import { wrangler } from "./contestants.ts";
import { makeProject, SHOP } from "./project.ts";

export interface Dev {
  readonly url: string;
  readonly dir: string;
  /** The database's file. */
  readonly stateFile: string;
  stop(): Promise<void>;
}

export interface Served {
  /** Its file; absent: the Worker of this repository. */
  readonly main?: string;
  readonly vars?: Readonly<Record<string, unknown>>;
  /** As `.dev.vars` has them. */
  readonly secrets?: string;
}

const HOME = resolve(import.meta.dirname, "../src/worker");
const START_MS = 60_000;

export async function startDev(
  template: string,
  { main, vars, secrets = "" }: Served,
): Promise<Dev> {
  const { dir, stateFile, remove } = makeProject(
    { files: [], expected: { objects: [], tables: [], rows: 0 } },
    SHOP,
  );
  copyFileSync(template, stateFile);
  const config: unknown = parse(readFileSync(join(HOME, "wrangler.jsonc"), "utf8"));
  if (!isRecord(config)) throw new Error("wrangler.jsonc is no object");
  // Who loads it asks from one address, more often than anybody may.
  const { ratelimits: _, assets, ...rest } = config;
  const page = { ...(isRecord(assets) && assets), directory: resolve(HOME, "../../dist/page") };
  const own = {
    ...rest,
    ...(main === undefined ? { main: join(HOME, "index.ts"), assets: page } : { main }),
    vars: { ...(isRecord(config["vars"]) ? config["vars"] : {}), ...vars },
    d1_databases: [{ binding: "DB", database_name: SHOP.name, database_id: SHOP.id }],
  };
  writeFileSync(join(dir, "wrangler.jsonc"), JSON.stringify(own));
  writeFileSync(join(dir, ".dev.vars"), secrets);
  const { file, args, env } = wrangler(
    ..."dev --ip 127.0.0.1 --port 0 --inspector-port 0".split(" "),
  );
  // Into a file, since nobody reads a pipe while a load is measured.
  const said = join(dir, "said.txt");
  const log = openSync(said, "w");
  const child = spawn(file, args, {
    cwd: dir,
    env: { ...env, CLOUDFLARE_CF_FETCH_ENABLED: "false" },
    stdio: ["ignore", log, log],
    detached: true,
  });
  closeSync(log);
  const kill = (): void => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
  };
  process.once("exit", kill);
  const url = await readyAt(said);
  return {
    url,
    dir,
    stateFile,
    async stop() {
      process.off("exit", kill);
      const ended = once(child, "exit");
      kill();
      await ended;
      remove();
    },
  };
}

async function readyAt(file: string): Promise<string> {
  for (let waited = 0; waited < START_MS; waited += 100) {
    const [, url] = /Ready on (http:\S+)/.exec(readFileSync(file, "utf8")) ?? [];
    if (url !== undefined) return url.replace("localhost", "127.0.0.1");
    await wait(100);
  }
  throw new Error(`wrangler dev did not start:\n${readFileSync(file, "utf8")}`);
}
