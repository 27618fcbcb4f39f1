import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { d1opsBuilt, errorOf, makeProject, type Project } from "../project.ts";

/** Kills a program that still waits for a pipe. */
const GUARD = { timeout: 120_000, killSignal: "SIGKILL" } as const;

const FILES = {
  "migrations/0001_users.sql": "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);",
};

const KINDS: Readonly<Record<string, (path: string) => void>> = {
  "a named pipe": (path) => void execFileSync("mkfifo", [path]),
  "a link to a device": (path) => symlinkSync("/dev/zero", path),
  "a huge file": (path) => {
    writeFileSync(path, "");
    truncateSync(path, 300_000_000);
  },
};

function odd(project: Project, file: string, kind: string): void {
  const path = join(project.dir, file);
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  KINDS[kind]?.(path);
}

const READS = [
  [".env", "migrate status", "CONFIG_UNREADABLE"],
  [".env.local", "doctor", null],
  ["other.json", "migrate status -c other.json", "CONFIG_UNREADABLE"],
  ["migrations/0002_more.sql", "migrate status", "MIGRATION_UNREADABLE|MIGRATION_NOT_A_FILE"],
  ["migrations/backfills/0001_names.sql", "backfill list", "MIGRATION_UNREADABLE"],
  ["migrations/backfills/0001_names.ts", "backfill list", "MIGRATION_UNREADABLE"],
] as const;

describe.skipIf(process.platform === "win32").each(Object.keys(KINDS))("%s", (kind) => {
  // wrangler ignores links in the migrations folder, and so does d1ops.
  const reads = READS.filter(
    ([file]) => !(kind === "a link to a device" && file.startsWith("migrations/0002")),
  );

  test.each(reads)(
    "is reported and does not block the command: %s, %s",
    async (file, command, code) => {
      const project = makeProject(FILES);
      odd(project, file, kind);
      const run = await d1opsBuilt(project, [...command.split(" "), "--json"], GUARD);
      expect(run.signal).toBeNull();
      if (code === null) {
        expect(run.code).toBe(1);
        expect(run.stdout).toContain("CONFIG_UNREADABLE");
        return;
      }
      expect(run).toMatchObject({ code: 2, stdout: "" });
      const error = errorOf(run);
      expect(error.code).toMatch(new RegExp(`^(${code})$`));
      expect(error.message).toMatch(/named pipe|a device|300,000,000 bytes/);
    },
  );
});

describe("a project", () => {
  test("may have a folder named .env, as Python creates it, which d1ops ignores", async () => {
    const project = makeProject({ ...FILES, ".env/bin/activate": "" });
    expect(await d1opsBuilt(project, ["migrate", "status"], GUARD)).toMatchObject({ code: 0 });
  });

  test("may have links to a config and to .env, which d1ops reads", async () => {
    const project = makeProject({ ...FILES, "shared/vars": "CLOUDFLARE_ENV=nowhere" });
    symlinkSync("shared/vars", join(project.dir, ".env"));
    const run = await d1opsBuilt(project, ["migrate", "status", "--json"], GUARD);
    expect(errorOf(run).code).toBe("ENVIRONMENT_UNKNOWN");
  });
});
