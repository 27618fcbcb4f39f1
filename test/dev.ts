import { spawn } from "node:child_process";
import { once } from "node:events";
import { type Project, WRANGLER_PROGRAM, wranglerEnv } from "./project.ts";

export interface Dev {
  /** `http://127.0.0.1:4711` */
  readonly url: string;
  /** Its output so far. */
  said(): string;
  /** Ends it and its child processes. */
  stop(): Promise<void>;
}

/** Runs `wrangler dev` for a project, with its Worker in workerd. */
export async function startDev(
  { dir }: Pick<Project, "dir">,
  args: readonly string[] = [],
): Promise<Dev> {
  const child = spawn(
    process.execPath,
    [WRANGLER_PROGRAM, "dev", "--ip", "127.0.0.1", "--port", "0", "--inspector-port", "0", ...args],
    {
      cwd: dir,
      // Prevents calls to the network.
      env: { ...wranglerEnv(), CLOUDFLARE_CF_FETCH_ENABLED: "false" },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    },
  );
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let said = "";
  const listen = (chunk: Buffer): void => {
    said += chunk.toString();
    const [, address] = /Ready on (http:\/\/(?:localhost|127\.0\.0\.1):\d+)/.exec(said) ?? [];
    if (address !== undefined) resolve(address.replace("localhost", "127.0.0.1"));
  };
  child.stdout.on("data", listen);
  child.stderr.on("data", listen);
  child.on("exit", (code) => reject(new Error(`wrangler dev ended with ${String(code)}: ${said}`)));
  const stop = async (): Promise<void> => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    process.kill(-child.pid, "SIGKILL");
    await once(child, "exit");
  };
  return { url: await promise, said: () => said, stop };
}
