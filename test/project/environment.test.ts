import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { doctor, migrateApply, migrateStatus, status } from "../../src/index.ts";
import { environmentText, where } from "../../src/report/wording.ts";
import { call, inProject, refusal, writing } from "../options/calls.ts";
import { makeProject, type Project } from "../project.ts";

const app = {
  binding: "DB",
  database_name: "app",
  database_id: "11111111-aaaa-bbbb-cccc-555555555555",
};
const other = {
  ...app,
  database_name: "other",
  database_id: "22222222-aaaa-bbbb-cccc-555555555555",
};
const pages = { pages_build_output_dir: "out" };

const CONFIGS: Readonly<Record<string, object>> = {
  "a Worker without environments": {},
  "a Worker with environments": { env: { staging: { d1_databases: [other] } } },
  "Pages without environments": pages,
  "Pages with a preview": { ...pages, env: { preview: { d1_databases: [other] } } },
};

function project(rest: object): Project {
  return makeProject({
    "wrangler.jsonc": JSON.stringify({ name: "shop", d1_databases: [app], ...rest }),
    "migrations/0001_a.sql": "CREATE TABLE a(x);",
    "tenants.jsonl": "{}",
  });
}

const named = [
  ["--env", { env: "stagingg" }],
  ["CLOUDFLARE_ENV", { variables: { CLOUDFLARE_ENV: "stagingg" } }],
] as const;

describe.each(Object.entries(CONFIGS))("an unknown environment of %s", (_name, config) => {
  describe.each(named)("named by %s", (_from, by) => {
    test.each(inProject.filter((name) => name !== "doctor"))(
      "makes %s fail with ENVIRONMENT_UNKNOWN",
      async (name) => {
        const { dir } = project(config);
        const place = name === "openRemote" || name === "clone" ? {} : { place: "remote" };
        const error = await refusal(() =>
          call(name, { cwd: dir, ...place, ...(writing.has(name) && { yes: true }), ...by }),
        );
        expect(error).toMatchObject({ code: "ENVIRONMENT_UNKNOWN", details: { name: "stagingg" } });
        expect(existsSync(join(dir, ".wrangler"))).toBe(false);
      },
    );

    test("is a failed check of doctor", async () => {
      const { dir } = project(config);
      expect(await doctor({ cwd: dir, ...by })).toMatchObject({
        exitCode: 1,
        target: null,
        findings: [{ rule: "ENVIRONMENT_UNKNOWN", level: "error" }],
      });
    });
  });
});

describe("the target of a report", () => {
  test.each([
    ["production", pages, "app", null, "app (local, production: the top level of the config)"],
    ["preview", CONFIGS["Pages with a preview"], "other", "preview", "other (local, preview)"],
    [
      "staging",
      CONFIGS["a Worker with environments"],
      "other",
      "staging",
      "other (local, staging)",
    ],
  ])(
    "contains the chosen environment and the section of the config: %s",
    async (env, config = {}, database, section, words) => {
      const { dir } = project(config);
      const { target } = await migrateApply({ cwd: dir, place: "local", env });
      expect(target).toMatchObject({ database, env, section });
      expect(target && where(target)).toBe(words);
      expect(await migrateStatus({ cwd: dir, env })).toMatchObject({ data: { pending: [] } });
      expect(await status({ cwd: dir, env })).toMatchObject({ data: { env, section } });
    },
  );

  test("contains no environment and no section for the top level", async () => {
    const { target } = await migrateStatus({ cwd: project({}).dir });
    expect(target).toMatchObject({ env: null, section: null });
    expect(target && environmentText(target)).toBe("(top level)");
  });
});

test("ENVIRONMENT_MISSING in a Pages project lists the environments of Pages", async () => {
  const { dir } = project({ ...pages, env: { preview: { d1_databases: [other] } } });
  const error = await refusal(() => call("migrateApply", { cwd: dir, place: "local" }));
  expect(error).toMatchObject({
    code: "ENVIRONMENT_MISSING",
    details: { known: ["preview", "production"] },
    hint: expect.stringContaining("--env production"),
  });
});
