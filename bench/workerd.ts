/** @module A Worker in workerd, over a copy of a database, and the CPU time that it takes. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { isRecord } from "../fixtures/cloudflare/json-body.ts";
import { makeProject, SHOP } from "./project.ts";

export interface Workerd {
  readonly url: string;
  readonly dir: string;
  /** The database's file. */
  readonly stateFile: string;
  /** Milliseconds of user and system time of workerd so far, D1 included. Steps of 10 ms. */
  cpuMs(): number;
  stop(): Promise<void>;
}

/** A tick of `/proc/PID/stat` on Linux. */
const TICK_MS = 10;

/** `main`: the file of the Worker. `bindings`: its variables and secrets. */
export async function startWorkerd(
  template: string,
  main: string,
  bindings: Readonly<Record<string, unknown>>,
): Promise<Workerd> {
  const { dir, stateFile, remove } = makeProject(
    { files: [], expected: { objects: [], tables: [], rows: 0 } },
    SHOP,
  );
  copyFileSync(template, stateFile);
  await build({
    entryPoints: [main],
    outfile: join(dir, "worker.js"),
    bundle: true,
    minify: true,
    format: "esm",
    // As wrangler bundles it.
    conditions: ["workerd", "worker", "browser"],
    logLevel: "warning",
  });
  const plan = { bindings, database: SHOP.id, persist: join(dir, ".wrangler/state/v3") };
  writeFileSync(join(dir, "workerd.json"), JSON.stringify(plan));
  const script = fileURLToPath(new URL("./workerd.js", import.meta.url));
  const child = spawn(process.execPath, [script, "workerd.json"], {
    cwd: dir,
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  const kill = (): void => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
  };
  process.once("exit", kill);
  const ended = once(child, "exit");
  const [said] = await Promise.race([once(child.stdout, "data"), ended]);
  const { url, pid } = addressIn(String(said));
  return {
    url,
    dir,
    stateFile,
    cpuMs: () => cpuMsOf(pid),
    async stop() {
      process.off("exit", kill);
      kill();
      await ended;
      remove();
    },
  };
}

function addressIn(text: string): { readonly url: string; readonly pid: number } {
  const said: unknown = text.startsWith("{") ? JSON.parse(text) : null;
  if (!isRecord(said)) throw new Error(`workerd did not start: ${text}`);
  return { url: String(said["url"]), pid: Number(said["pid"]) };
}

/** The name of the process is in parentheses, and may contain blanks. */
function cpuMsOf(pid: number): number {
  const [, after = ""] = readFileSync(`/proc/${pid}/stat`, "utf8").split(/\) (?!.*\))/);
  const fields = after.split(" ").map(Number);
  return ((fields[11] ?? Number.NaN) + (fields[12] ?? Number.NaN)) * TICK_MS;
}
