/** @module Reads wrangler's login. Only wrangler knows where it is stored and how to renew it, so d1ops runs wrangler and stores nothing. */
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { Credentials } from "./credentials.ts";
import type { Variables } from "../config/variables.ts";

/** Null if the user is not logged in, or wrangler is not installed. Takes about a second. */
export async function wranglerLogin(
  projectPath: string,
  variables: Variables,
): Promise<Credentials | null> {
  const program = wranglerOf(projectPath);
  if (program === null) return null;
  try {
    const words = [program, "auth", "token", "--json"];
    const quiet = { WRANGLER_HIDE_BANNER: "true", WRANGLER_SEND_METRICS: "false", CI: "1" };
    const options = { cwd: projectPath, env: { ...variables, ...quiet }, timeout: 30_000 };
    const { stdout } = await promisify(execFile)(process.execPath, words, options);
    return read(stdout);
  } catch {
    // wrangler exits with 1 if the user is not logged in. An older wrangler does not know the command.
    return null;
  }
}

/** The path of the program; null if it is not installed. */
export function wranglerOf(projectPath: string): string | null {
  for (const from of [join(projectPath, "package.json"), import.meta.url]) {
    try {
      const manifest = createRequire(from).resolve("wrangler/package.json");
      return join(dirname(manifest), "bin/wrangler.js");
    } catch {
      continue;
    }
  }
  return null;
}

function read(stdout: string): Credentials | null {
  const parsed: unknown = JSON.parse(stdout.slice(stdout.indexOf("{")));
  if (typeof parsed !== "object" || parsed === null) return null;
  const source = "wrangler login";
  if ("token" in parsed && typeof parsed.token === "string") {
    return { kind: "token", token: parsed.token, source };
  }
  if (!("key" in parsed) || !("email" in parsed)) return null;
  return { kind: "key", key: String(parsed.key), email: String(parsed.email), source };
}
