import { spawn, type ChildProcessByStdio } from "node:child_process";
import type { Readable } from "node:stream";

/** Another process that runs a script and says a line when it is ready. */
export interface Child {
  readonly pid: number;
  /** The first line it prints. */
  readonly said: Promise<string>;
  readonly gone: Promise<void>;
  kill(): Promise<void>;
}

/** The user `nobody` where we are root, to whom no permission applies; else ourselves. */
const plainUser = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** `as: "anybody"` runs it as a user whom permissions concern. */
export function startChild(script: string, as: "us" | "anybody" = "us"): Child {
  const child: ChildProcessByStdio<null, Readable, Readable> = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", "--input-type=module", "--eval", script],
    { stdio: ["ignore", "pipe", "pipe"], cwd: "/", ...(as === "anybody" ? plainUser : {}) },
  );
  let errors = "";
  child.stderr.on("data", (data: Buffer) => {
    errors += data.toString();
  });
  const gone = new Promise<void>((resolve) => {
    child.on("close", () => {
      resolve();
    });
  });
  const said = new Promise<string>((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (data: Buffer) => {
      text += data.toString();
      const end = text.indexOf("\n");
      if (end >= 0) resolve(text.slice(0, end));
    });
    child.on("close", () => {
      reject(new Error(`it said nothing: ${errors}`));
    });
  });
  // A child that is killed before it says anything is no error of the test.
  said.catch(() => undefined);
  return {
    pid: child.pid ?? 0,
    said,
    gone,
    kill() {
      child.kill("SIGKILL");
      return gone;
    },
  };
}

/** A module of ours, as a child can import it. */
export function source(path: string): string {
  return JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href);
}
