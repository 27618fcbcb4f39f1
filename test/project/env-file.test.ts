import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { basename } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { startCloudflare } from "../../fixtures/cloudflare/fake.ts";
import { migrateApply } from "../../src/commands/migrate/apply.ts";
import { countingMigrations, impatientClock, makeRemoteProject } from "./remote.ts";

/** Records the names of the files that the process opens with `openSync`. */
function recordOpenedFiles(): string[] {
  const opened: string[] = [];
  const { openSync } = fs;
  vi.spyOn(fs, "openSync").mockImplementation((path, ...rest) => {
    opened.push(basename(String(path)));
    return openSync(path, ...rest);
  });
  syncBuiltinESMExports();
  onTestFinished(() => {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
  });
  return opened;
}

test("a confirmed remote apply reads each .env file once", async () => {
  const cloudflare = await startCloudflare({ timeTravel: "bookmarks only" });
  onTestFinished(() => cloudflare.close());
  const lines = Object.entries(cloudflare.variables()).map(([name, value]) => `${name}=${value}\n`);
  const project = makeRemoteProject(cloudflare, {
    ...countingMigrations(2),
    ".env": lines.join(""),
    ".env.local": "OTHER=1\n",
  });
  const opened = recordOpenedFiles();
  const report = await migrateApply({
    cwd: project.dir,
    place: "remote",
    yes: true,
    variables: { HOME: "/nonexistent" },
    clock: impatientClock(),
  });
  expect(report).toMatchObject({ outcome: "changed", summary: expect.stringContaining("2") });
  expect(opened.filter((name) => name.startsWith(".env")).toSorted()).toEqual([
    ".env",
    ".env.local",
  ]);
});
