import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cloudflare, startCloudflare } from "../../fixtures/cloudflare/fake.ts";
import {
  countingMigrations,
  makeRemoteProject,
  type RemoteProject,
  contentsOf,
} from "../project/remote.ts";
import { d1ops, reportOf, run, type Run, WRANGLER_PROGRAM, wranglerEnv } from "../project.ts";

/** d1ops and the real wrangler in turns, on one remote database. */

let cloudflare: Cloudflare;
let home: string;

beforeAll(async () => {
  cloudflare = await startCloudflare();
  home = mkdtempSync(join(tmpdir(), "d1ops-home-"));
});
afterAll(async () => {
  await cloudflare.close();
  rmSync(home, { recursive: true, force: true });
});

function ours(project: RemoteProject, line: string, env: NodeJS.ProcessEnv = {}): Promise<Run> {
  return d1ops(project, line.split(" "), {
    env: { PATH: process.env["PATH"], HOME: home, ...cloudflare.variables(), ...env },
  });
}

function wrangler(project: RemoteProject, args: readonly string[]): Promise<Run> {
  return run(process.execPath, [WRANGLER_PROGRAM, ...args], project.dir, {
    env: { ...wranglerEnv(), ...cloudflare.variables(), HOME: home, XDG_CONFIG_HOME: home },
  });
}

describe("d1ops and wrangler on one remote database", () => {
  test("read each other's ledger rows, and apply no migration twice", async () => {
    const files = countingMigrations(4);
    const {
      "migrations/0003_step.sql": third = "",
      "migrations/0004_step.sql": fourth = "",
      ...first
    } = files;
    const project = makeRemoteProject(cloudflare, first);
    const { name } = project.database;
    const applied = await wrangler(project, ["d1", "migrations", "apply", name, "--remote"]);
    expect(applied.code, applied.stderr).toBe(0);
    const status = reportOf(await ours(project, "migrate status --remote --json"));
    expect(status.data).toMatchObject({
      pending: [],
      unverified: ["0001_step.sql", "0002_step.sql"],
    });
    project.write("migrations/0003_step.sql", third);
    expect((await ours(project, "migrate apply --remote --yes")).code).toBe(0);
    const list = await wrangler(project, ["d1", "migrations", "list", name, "--remote"]);
    expect(list.stdout).toContain("No migrations to apply");
    project.write("migrations/0004_step.sql", fourth);
    const more = await wrangler(project, ["d1", "migrations", "apply", name, "--remote"]);
    expect(more.code, more.stderr).toBe(0);
    const verify = await ours(project, "migrate verify --remote --json");
    expect(reportOf(verify)).toMatchObject({
      exitCode: 0,
      checks: [{ id: "files.unchanged" }, { id: "schema.matches", outcome: "pass" }],
    });
    expect(contentsOf(project.database)).toMatchObject({ counter: 4, held: 0 });
  });

  test("agree on the command that restores the database: wrangler accepts the one of the report", async () => {
    const project = makeRemoteProject(cloudflare, countingMigrations(2));
    await ours(project, "migrate apply --remote --yes --to 1");
    const before = contentsOf(project.database);
    const report = reportOf(await ours(project, "migrate apply --remote --yes --json"));
    const [npx, program, ...args] = (report.next.at(-1) ?? "").split(" ");
    expect([npx, program]).toEqual(["npx", "wrangler"]);
    const back = await wrangler(project, args);
    expect(back.code, back.stderr).toBe(0);
    expect(contentsOf(project.database)).toEqual(before);
    expect((await ours(project, "migrate apply --remote --yes")).code).toBe(0);
    expect(contentsOf(project.database)).toMatchObject({ counter: 2, held: 0 });
  });

  test("share wrangler's login, and d1ops stores it nowhere else", async () => {
    const project = makeRemoteProject(cloudflare, countingMigrations(1));
    const folder = join(home, ".wrangler/config");
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, "default.toml"),
      `oauth_token = "${cloudflare.token}"\nrefresh_token = "none"\nexpiration_time = "2099-01-01T00:00:00.000Z"\nscopes = ["account:read", "d1:write"]\n`,
    );
    const nobody = { CLOUDFLARE_API_TOKEN: "", XDG_CONFIG_HOME: home };
    const applied = await ours(project, "migrate apply --remote --yes --json", nobody);
    expect(applied.code, applied.stderr).toBe(0);
    const doctor = reportOf(await ours(project, "doctor --remote --json", nobody));
    expect(doctor.checks.find(({ id }) => id === "credentials.found")).toMatchObject({
      outcome: "pass",
      evidence: { source: "wrangler login" },
    });
  });
});
