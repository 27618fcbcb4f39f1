import { spawn, type ChildProcessByStdio } from "node:child_process";
import type { Readable } from "node:stream";
import { asPlainUser, NO_PLAIN_USER, PLAIN_USER, type PlainUser } from "../plain-user.ts";

/** Another process that runs a script and prints a line when it is ready. */
export interface Child {
  readonly pid: number;
  /** The first line that it prints. */
  readonly said: Promise<string>;
  readonly gone: Promise<void>;
  kill(): Promise<void>;
}

const OURSELVES: PlainUser = { prefix: [], options: {} };

/** `as: "anybody"` runs the script as a user without root's rights. */
export function startChild(script: string, as: "us" | "anybody" = "us"): Child {
  const user = as === "anybody" ? PLAIN_USER : OURSELVES;
  if (user === null) throw new Error(NO_PLAIN_USER);
  const node = ["--disable-warning=ExperimentalWarning", "--input-type=module", "--eval", script];
  const child: ChildProcessByStdio<null, Readable, Readable> = spawn(
    ...asPlainUser(user, [process.execPath, ...node]),
    { stdio: ["ignore", "pipe", "pipe"], cwd: "/", ...user.options },
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
    child.on("error", reject);
    child.on("close", () => {
      reject(new Error(`the child printed nothing: ${errors}`));
    });
  });
  // A child that is killed before it prints anything does not fail the test.
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

/** The import specifier of a source file, for a child process. */
export function source(path: string): string {
  return JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href);
}
