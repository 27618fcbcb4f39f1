import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cloudflare, startCloudflare } from "../../../fixtures/cloudflare/fake.ts";
import { doctor } from "../../../src/commands/doctor.ts";
import type { Check, Report } from "../../../src/report/report.ts";
import { makeProject } from "../../project.ts";
import {
  countingMigrations,
  impatientClock,
  makeRemoteProject,
  type RemoteProject,
} from "../../project/remote.ts";

const OTHER_ACCOUNT = "fedcba9876543210fedcba9876543210";

let cloudflare: Cloudflare;

beforeAll(async () => {
  cloudflare = await startCloudflare({ timeTravel: "bookmarks only" });
  const { tokens, account } = cloudflare;
  tokens.add("token-without-d1-rights-abcd", { d1: "none" });
  tokens.add("token-refused-with-7403-7403", { d1: "none", refusal: 7403 });
  tokens.add("token-of-the-account-itself1", { owner: "account" });
  tokens.add("token-that-has-expired-12345", { state: "expired" });
  tokens.add("token-with-two-accounts-1234", {
    accounts: [
      { id: account, name: "Example Account" },
      { id: OTHER_ACCOUNT, name: "Other Account" },
    ],
  });
});
afterAll(() => cloudflare.close());

type Variables = Record<string, string | undefined>;

function examine(
  project: RemoteProject | { dir: string },
  variables: Variables = {},
): Promise<Report> {
  return doctor({
    cwd: project.dir,
    place: "remote",
    variables: { ...cloudflare.variables(), ...variables },
    clock: impatientClock(),
  });
}

function check(
  { checks }: Report,
  id: string,
): Pick<Check, "outcome" | "measured" | "evidence"> | undefined {
  return checks.find((one) => one.id === id);
}

describe("doctor --remote without problems", () => {
  test("shows the source of every value, and the last four characters of the token", async () => {
    const report = await examine(makeRemoteProject(cloudflare, countingMigrations(2)));
    expect(report).toMatchObject({ exitCode: 0, target: { place: "remote" } });
    expect(check(report, "credentials.found")).toMatchObject({
      measured: "token …ghts, from CLOUDFLARE_API_TOKEN (the environment)",
      evidence: { source: "CLOUDFLARE_API_TOKEN", from: "the environment" },
    });
    expect(check(report, "account.known")).toMatchObject({
      measured: `${cloudflare.account}, from CLOUDFLARE_ACCOUNT_ID (the environment)`,
      evidence: { source: "CLOUDFLARE_ACCOUNT_ID" },
    });
    expect(check(report, "credentials.valid")?.outcome).toBe("pass");
    expect(check(report, "network.reachable")?.evidence).toEqual({
      url: cloudflare.apiBaseUrl,
      source: "CLOUDFLARE_API_BASE_URL",
    });
    expect(check(report, "clock.skew")?.outcome).toBe("pass");
    expect(check(report, "database.exists")?.outcome).toBe("pass");
    expect(check(report, "ledger.readable")?.measured).toBe("0 applied");
    expect(check(report, "lease.free")?.outcome).toBe("pass");
    expect(JSON.stringify(report)).not.toContain(cloudflare.token);
  });

  test("names .env as the source of a value", async () => {
    const project = makeRemoteProject(cloudflare);
    project.write(".env", `CLOUDFLARE_API_TOKEN=${cloudflare.token}\n`);
    const { CLOUDFLARE_API_TOKEN: _, ...rest } = cloudflare.variables();
    const report = await doctor({ cwd: project.dir, place: "remote", variables: rest });
    expect(check(report, "credentials.found")?.evidence["from"]).toBe(".env");
  });

  test("accepts a token of the account", async () => {
    const report = await examine(makeRemoteProject(cloudflare, countingMigrations(1)), {
      CLOUDFLARE_API_TOKEN: "token-of-the-account-itself1",
    });
    expect(report.exitCode).toBe(0);
  });
});

interface Problem {
  readonly variables?: Variables;
  readonly config?: (project: RemoteProject) => string;
  /** The id of the check that fails. */
  readonly fails: string;
  readonly rule: string;
  readonly help: RegExp;
}

function configOf(database: object, more: object = {}): string {
  return JSON.stringify({ name: "shop", d1_databases: [{ binding: "DB", ...database }], ...more });
}

const problems: Readonly<Record<string, Problem>> = {
  "a missing token": {
    variables: { CLOUDFLARE_API_TOKEN: "", HOME: "/nonexistent", XDG_CONFIG_HOME: "/nonexistent" },
    fails: "credentials.found",
    rule: "CREDENTIALS_MISSING",
    help: /CLOUDFLARE_API_TOKEN.*\nBy hand:\nnpx wrangler login$/,
  },
  "an unknown token": {
    variables: { CLOUDFLARE_API_TOKEN: "no-such-token-at-all" },
    fails: "credentials.valid",
    rule: "CREDENTIALS_REFUSED",
    help: /D1 > Edit/,
  },
  "a token that has expired": {
    variables: { CLOUDFLARE_API_TOKEN: "token-that-has-expired-12345" },
    fails: "credentials.valid",
    rule: "CREDENTIALS_REFUSED",
    help: /D1 > Edit/,
  },
  "a token without D1 permission": {
    variables: { CLOUDFLARE_API_TOKEN: "token-without-d1-rights-abcd" },
    fails: "database.exists",
    rule: "CREDENTIALS_REFUSED",
    help: /Account > D1 > Edit[^\n]*$/,
  },
  "a token without D1 permission, reported with code 7403": {
    variables: { CLOUDFLARE_API_TOKEN: "token-refused-with-7403-7403" },
    fails: "database.exists",
    rule: "CREDENTIALS_REFUSED",
    help: /Account > D1 > Edit[^\n]*$/,
  },
  "a wrong account": {
    variables: { CLOUDFLARE_ACCOUNT_ID: OTHER_ACCOUNT },
    fails: "account.known",
    rule: "ACCOUNT_AMBIGUOUS",
    help: /CLOUDFLARE_ACCOUNT_ID=0123456789abcdef/,
  },
  "two accounts of which none is configured": {
    variables: { CLOUDFLARE_API_TOKEN: "token-with-two-accounts-1234", CLOUDFLARE_ACCOUNT_ID: "" },
    fails: "account.known",
    rule: "ACCOUNT_AMBIGUOUS",
    help: /account_id/,
  },
  "an unknown database_id": {
    config: () =>
      configOf({ database_name: "shop", database_id: "99999999-9999-4999-8999-999999999999" }),
    fails: "database.exists",
    rule: "REMOTE_DATABASE_UNKNOWN",
    help: /wrangler d1 list/,
  },
  "a placeholder": {
    config: () => configOf({ database_name: "shop", database_id: "<your-database-id>" }),
    fails: "database.exists",
    rule: "REMOTE_DATABASE_UNKNOWN",
    help: /wrangler d1 list/,
  },
  "an environment without a database": {
    config: ({ database }) =>
      configOf(
        { database_name: database.name, database_id: database.id },
        { env: { staging: {} } },
      ),
    variables: { CLOUDFLARE_ENV: "staging" },
    fails: "config.readable",
    rule: "DATABASE_NONE",
    help: /staging/,
  },
  "an unreachable API": {
    variables: { CLOUDFLARE_API_BASE_URL: "http://127.0.0.1:9/client/v4" },
    fails: "network.reachable",
    rule: "API_UNREACHABLE",
    help: /CLOUDFLARE_API_BASE_URL\.$/,
  },
};

describe("doctor --remote with a problem", () => {
  test.each(Object.entries(problems))(
    "fails the check and suggests what to type: %s",
    async (_, { variables, config, fails, rule, help }) => {
      const project = makeRemoteProject(cloudflare, countingMigrations(1));
      if (config !== undefined) project.write("wrangler.jsonc", config(project));
      const report = await examine(project, variables);
      expect(check(report, fails)?.outcome).toBe("fail");
      if (rule === "DATABASE_NONE") {
        const { expected } = report.checks.find(({ id }) => id === fails) ?? {};
        expect(expected).toBe("a D1 database in the config");
      }
      const finding = report.findings.find((one) => one.rule === rule);
      expect(finding?.help).toMatch(help);
      expect(report.exitCode).toBe(1);
    },
  );

  test("warns of a wrong clock", async () => {
    cloudflare.clockSkewMs = 3_600_000;
    const report = await examine(makeRemoteProject(cloudflare, countingMigrations(1)));
    cloudflare.clockSkewMs = 0;
    expect(check(report, "clock.skew")).toMatchObject({
      outcome: "warn",
      measured: expect.stringMatching(/^-3[56]\d\d s$/),
    });
    expect(report.exitCode).toBe(0);
  });

  test("warns if the name of the database differs from the config", async () => {
    const project = makeRemoteProject(cloudflare, countingMigrations(1));
    project.write(
      "wrangler.jsonc",
      configOf({ database_name: "other", database_id: project.database.id }),
    );
    expect(check(await examine(project), "database.name")?.outcome).toBe("warn");
  });

  test("makes no call to Cloudflare without --remote", async () => {
    const before = cloudflare.log.length;
    await doctor({
      cwd: makeProject(countingMigrations(1)).dir,
      variables: cloudflare.variables(),
    });
    expect(cloudflare.log.length).toBe(before);
  });
});
