import { PassThrough } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import { startCloudflare } from "../../fixtures/cloudflare/fake.ts";
import type { Host } from "../../src/cli/host.ts";
import { runCli } from "../../src/cli/run-cli.ts";
import { makeRemoteProject } from "../project/remote.ts";

/** Signals at the confirmation prompt, in a terminal of the test's own. */

const SHOW_CURSOR = "\u001B[?25h";
const HIDE_CURSOR = "\u001B[?25l";

test.each([
  ["SIGHUP", 129],
  ["SIGTERM", 130],
  ["SIGINT", 130],
] as const)(
  "%s during a prompt shows the cursor again, changes nothing, and exits with %i",
  async (signal, code) => {
    const cloudflare = await startCloudflare({ timeTravel: "bookmarks only" });
    onTestFinished(() => cloudflare.close());
    const project = makeRemoteProject(cloudflare, {
      "migrations/0001_a.sql": "CREATE TABLE a(x);",
    });
    const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => stdin });
    const stdout = new PassThrough();
    const stderr = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 });
    const heard = new Map<string, (signal: NodeJS.Signals) => void>();
    let shown = "";
    stderr.on("data", (chunk: Buffer) => {
      const asked = shown.includes("About to");
      shown += chunk.toString();
      if (!asked && shown.includes("About to")) setImmediate(() => heard.get(signal)?.(signal));
    });
    const host: Host = {
      startedAs: "npx d1ops",
      cwd: project.dir,
      env: { ...cloudflare.variables(), CI: "", TERM: "xterm" },
      stdin,
      stdout,
      stderr,
      screen: stderr,
      onSignal(signals, stop) {
        for (const name of signals) heard.set(name, stop);
        return () => {
          for (const name of signals) heard.delete(name);
        };
      },
      leave() {},
    };
    const exit = await runCli(["migrate", "apply", "--remote"], host);
    expect(exit).toBe(code);
    expect(shown).toContain("error INTERRUPTED");
    expect(shown.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(shown.lastIndexOf(HIDE_CURSOR));
    expect([...heard.keys()]).toEqual([]);
    const db = project.database.open();
    expect(db.prepare("SELECT name FROM sqlite_schema WHERE name = 'a'").all()).toEqual([]);
    db.close();
  },
);
