import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DatabaseEntry } from "../../src/config/entries.ts";
import { readSettings, type Settings } from "../../src/config/wrangler-settings.ts";
import { OpsError } from "../../src/report/error.ts";
import { folder } from "../files/temporary-folder.ts";
import { PROJECTS, type Project } from "./projects.ts";

interface Reading {
  readonly config: string;
  readonly state: string;
  readonly env: string | null;
  readonly name: string | null;
  readonly account: string | null;
  readonly environments: readonly string[];
  readonly databases: readonly object[];
}

/** The part of wrangler's config that d1ops reads. wrangler's own types need a package that it does not install. */
interface TheirConfig {
  readonly configPath?: string;
  readonly userConfigPath?: string;
  readonly name?: string;
  readonly account_id?: string;
  readonly definedEnvironments?: readonly string[];
  readonly targetEnvironment?: string;
  readonly d1_databases: readonly DatabaseEntry[];
}

type ReadConfig = (
  args: { readonly config: string | undefined; readonly env: string | undefined },
  options: { readonly hideWarnings: true; readonly useRedirectIfAvailable: boolean },
) => TheirConfig;

const home = process.cwd();
let readConfig: ReadConfig;

beforeAll(async () => {
  process.env["WRANGLER_LOG"] = "none";
  process.env["WRANGLER_WRITE_LOGS"] = "false";
  ({ unstable_readConfig: readConfig } = await import("wrangler"));
});

afterAll(() => process.chdir(home));

describe("the settings that d1ops and wrangler read", () => {
  test.each(PROJECTS)(
    "are equal, or both reject the config, for a project with $name",
    async (project) => {
      using root = folder(project.files);
      const cwd = join(root.path, project.cwd ?? "");
      const theirs = attempt(() => readByWrangler(project, cwd));
      const ours = await attemptAsync(() => readByUs(project, cwd));
      if (project.refused === undefined) {
        expect(theirs.error).toBeNull();
        expect(ours.error).toBeNull();
        expect(ours.reading).toEqual(theirs.reading);
      } else {
        if (project.oursOnly !== undefined) expect(theirs.error).toBeNull();
        else expect(theirs.error).toBeInstanceOf(Error);
        expect(ours.error).toBeInstanceOf(OpsError);
        expect(ours.error).toHaveProperty("code", project.refused);
        expect(ours.error).toHaveProperty("hint", expect.stringMatching(/\S/));
      }
    },
  );

  test("are compared for 40 or more projects with different names", () => {
    expect(PROJECTS.length).toBeGreaterThanOrEqual(40);
    expect(new Set(PROJECTS.map((it) => it.name)).size).toBe(PROJECTS.length);
  });
});

function readByWrangler(project: Project, cwd: string): Reading {
  const before = process.env["CLOUDFLARE_ENV"];
  process.chdir(cwd);
  try {
    setVariable(project.variables?.["CLOUDFLARE_ENV"]);
    const config = readConfig(
      { config: project.config, env: project.env },
      { hideWarnings: true, useRedirectIfAvailable: project.redirect !== "ignore" },
    );
    return {
      config: resolve(cwd, config.configPath ?? ""),
      state: resolve(cwd, dirname(config.userConfigPath ?? "x"), ".wrangler/state"),
      env: config.targetEnvironment || null,
      name: config.name ?? null,
      account: config.account_id ?? null,
      environments: config.definedEnvironments ?? [],
      databases: config.d1_databases.map((it) => ({
        binding: it.binding,
        name: it.database_name ?? null,
        id: it.database_id ?? null,
        previewId: it.preview_database_id ?? null,
        remote: it.remote === true,
        localId: it.preview_database_id ?? it.database_id ?? it.binding,
        migrationsTable: it.migrations_table || "d1_migrations",
      })),
    };
  } finally {
    process.chdir(home);
    setVariable(before);
  }
}

async function readByUs(
  { config, env, db, redirect, variables }: Project,
  cwd: string,
): Promise<Reading> {
  const settings: Settings = await readSettings({
    cwd,
    variables: variables ?? {},
    ...(config !== undefined && { config }),
    ...(env !== undefined && { env }),
    ...(db !== undefined && { db }),
    ...(redirect !== undefined && { redirect }),
  });
  return {
    config: settings.configPath,
    state: settings.statePath,
    env: settings.env,
    name: settings.workerName,
    account: settings.accountId,
    environments: settings.environments,
    databases: settings.databases.map(
      ({ migrationsDir: _dir, migrationsPattern: _pattern, ...rest }) => rest,
    ),
  };
}

interface Attempt {
  readonly reading: Reading | null;
  readonly error: unknown;
}

function attempt(read: () => Reading): Attempt {
  try {
    return { reading: read(), error: null };
  } catch (error) {
    return { reading: null, error };
  }
}

async function attemptAsync(read: () => Promise<Reading>): Promise<Attempt> {
  try {
    return { reading: await read(), error: null };
  } catch (error) {
    return { reading: null, error };
  }
}

function setVariable(value: string | undefined): void {
  if (value === undefined) delete process.env["CLOUDFLARE_ENV"];
  else process.env["CLOUDFLARE_ENV"] = value;
}
