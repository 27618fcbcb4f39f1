import { existsSync } from "node:fs";
import type { TestProject } from "vitest/node";
import { startWorkerd } from "../worker/workerd.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The Worker's address. */
    readonly origin: string;
    /** The state file of its database. */
    readonly database: string;
    readonly chromium: string;
  }
}

/** The Worker accepts tokens that are signed with this secret, for this issuer and audience. */
export const TOKENS = {
  AUTH_JWT_SECRET: "a secret that only these tests use",
  AUTH_ISSUER: "https://id.example.com/",
  AUTH_AUDIENCE: "onboarding",
} as const;

/** Starts one real Worker in workerd for all files. Its database has the migrations of this repository. */
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
    "Chromium is not installed. Install it (apt-get install chromium), or set D1OPS_TEST_CHROMIUM=PATH.",
  );
}
