import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { parse } from "jsonc-parser";
import { localDatabasePath } from "../../src/config/local-file.ts";
import { type Dev, startDev } from "../dev.ts";
import { d1ops, ROOT } from "../project.ts";
import { type Ask, makeAsk, KEYS } from "./client.ts";

/** The Worker with its own config, in workerd, with a D1 database that `d1ops migrate apply` created. */
export interface Workerd extends Dev {
  readonly ask: Ask;
  readonly dir: string;
  /** Opens the database's file with SQLite, without D1. */
  open(): DatabaseSync;
}

interface Config {
  main: string;
  assets: { directory: string };
  d1_databases: { database_id: string; migrations_dir: string }[];
  vars: Record<string, unknown>;
  ratelimits: { name: string; simple: { limit: number; period: number } }[];
}

const HOME = join(ROOT, "src/worker");

/** `vars` are added to those of the config, or replace them. */
export async function startWorkerd(
  vars: Readonly<Record<string, unknown>> = {},
  change: (config: Config) => void = () => {},
): Promise<Workerd> {
  const dir = mkdtempSync(join(tmpdir(), "d1ops-worker-"));
  const config = parse(readFileSync(join(HOME, "wrangler.jsonc"), "utf8")) as Config;
  const [database] = config.d1_databases;
  if (database === undefined) throw new Error("no database");
  config.main = resolve(HOME, config.main);
  config.assets.directory = resolve(HOME, config.assets.directory);
  database.migrations_dir = relative(dir, resolve(HOME, database.migrations_dir));
  config.vars = { ...config.vars, ...vars };
  change(config);
  mkdirSync(config.assets.directory, { recursive: true });
  writeFileSync(join(dir, "wrangler.json"), JSON.stringify(config));
  writeFileSync(join(dir, ".dev.vars"), `ONBOARDING_KEYS='${JSON.stringify(KEYS)}'\n`);
  const applied = await d1ops({ dir }, ["migrate", "apply", "--local", "--yes"]);
  if (applied.code !== 0) throw new Error(applied.stdout + applied.stderr);
  const dev = await startDev({ dir });
  return {
    ...dev,
    dir,
    ask: makeAsk(fetch, dev.url),
    open: () =>
      new DatabaseSync(localDatabasePath(join(dir, ".wrangler/state"), database.database_id)),
    async stop() {
      await dev.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
