import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect } from "vitest";
import type { Cloudflare, RemoteDatabase } from "../../fixtures/cloudflare/fake.ts";
import { BIN, type Project } from "../project.ts";
import { until } from "../until.ts";

export interface Kill {
  readonly project: Pick<Project, "dir">;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Of this process, until it is killed. */
  readonly requests: number;
}

/** Kills a command as soon as it has sent so many requests. Returns whether the signal ended it. */
export async function killAfter(
  { log }: Cloudflare,
  { project, args, env, requests }: Kill,
): Promise<boolean> {
  const before = log.length;
  const child = spawn(process.execPath, [BIN, ...args], { cwd: project.dir, env, stdio: "ignore" });
  const ended = once(child, "exit");
  await until(() => child.exitCode !== null || log.length >= before + requests);
  child.kill("SIGKILL");
  const [code, signal] = await ended;
  // A command that ended before the signal succeeded.
  expect(signal ?? code).toSatisfy((end) => end === "SIGKILL" || end === 0);
  return signal === "SIGKILL";
}

/** Lets the lease of a killed process expire. */
export function expire({ open }: RemoteDatabase): void {
  const db = open();
  if (db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'd1ops_runs'").get() !== undefined) {
    db.exec("UPDATE d1ops_runs SET expires_at = '2020-01-01T00:00:00.000Z' WHERE ended_at IS NULL");
  }
  db.close();
}
