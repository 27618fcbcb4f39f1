import { existsSync } from "node:fs";
import type { TestProject } from "vitest/node";
import { startWorkerd } from "../worker/workerd.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Where the Worker listens. */
    readonly origin: string;
    /** The state file of its database. */
    readonly database: string;
    readonly chromium: string;
  }
}

/** Whose tokens the Worker believes. */
export const TOKENS = {
  AUTH_JWT_SECRET: "a secret of these tests, which opens nothing else",
  AUTH_ISSUER: "https://id.example.com/",
  AUTH_AUDIENCE: "onboarding",
} as const;

/** The real Worker in workerd, its database made by our own migrations: one for all files. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  project.provide("chromium", chromium());
  const workerd = await startWorkerd(TOKENS);
  const database = workerd.open();
  project.provide("origin", workerd.url);
  project.provide("database", database.location() ?? "");
  database.close();
  return () => workerd.stop();
}

function chromium(): string {
  const given = process.env["D1OPS_TEST_CHROMIUM"];
  const found = [given, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
    .filter((path) => path !== undefined)
    .find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new Error(
    "There is no Chromium. Install Debian's (apt-get install chromium), or name one: D1OPS_TEST_CHROMIUM=…",
  );
}
