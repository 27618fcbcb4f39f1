/** @module Valid and invalid projects. The contract test reads each with d1ops and with wrangler. */
import type { ErrorCode } from "../../src/error-codes.ts";

export interface Project {
  readonly name: string;
  readonly files: Readonly<Record<string, string | Buffer>>;
  /** The current folder, relative to the project. */
  readonly cwd?: string;
  readonly config?: string;
  readonly env?: string;
  readonly db?: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly redirect?: "follow" | "ignore";
  /** The error of d1ops. wrangler must refuse the project too, unless `oursOnly`. */
  readonly refused?: ErrorCode;
  /** The reason why d1ops refuses a project that wrangler accepts. */
  readonly oursOnly?: string;
}

const ID = "11111111-2222-3333-4444-555555555555";
const app = { binding: "DB", database_name: "app", database_id: ID };
const logs = { binding: "LOGS", database_name: "logs", database_id: "logs-id" };
const json = (value: unknown): string => JSON.stringify(value, null, 2);
const worker = (rest: object): string => json({ name: "shop", ...rest });
const one = worker({ d1_databases: [app] });
const withEntry = (entry: object): Project["files"] => ({
  "wrangler.json": worker({ d1_databases: [{ ...app, ...entry }] }),
});
const staged = worker({
  account_id: "account-top",
  d1_databases: [app],
  env: {
    staging: { account_id: "account-staging", d1_databases: [{ ...app, database_id: "staging" }] },
    named: { name: "shop-own-name", d1_databases: [logs] },
    bare: {},
  },
});
const pages = (env?: object): string =>
  worker({ pages_build_output_dir: "out", d1_databases: [app], ...(env && { env }) });
const NO_DATABASE = "wrangler fails only when a command asks for a database";
const redirectTo = (path: string): string => json({ configPath: path });

export const PROJECTS: readonly Project[] = [
  // Formats
  { name: "plain JSON", files: { "wrangler.json": one } },
  {
    name: "JSON with comments in a file named .json",
    files: { "wrangler.json": `// shop\n${one}` },
  },
  {
    name: "JSONC with comments and trailing commas",
    files: {
      "wrangler.jsonc": `{ /* a */ "name": "shop", // b\n "d1_databases": [ { "binding": "DB", "database_id": "x", }, ], }`,
    },
  },
  { name: "JSON with a byte order mark", files: { "wrangler.json": `\uFEFF${one}` } },
  { name: "JSON with CRLF", files: { "wrangler.json": one.replaceAll("\n", "\r\n") } },
  {
    name: "JSON with the same key twice",
    files: { "wrangler.json": one.replace("{", '{ "name": "first",') },
  },
  {
    name: "TOML",
    files: {
      "wrangler.toml": `name = "shop"\naccount_id = "acc"\n[[d1_databases]]\nbinding = "DB"\ndatabase_name = "app"\ndatabase_id = "${ID}"\n`,
    },
  },
  {
    name: "TOML with environments",
    env: "staging",
    files: {
      "wrangler.toml": `name = "shop" # c\n[[d1_databases]]\nbinding = "DB"\n[env.staging]\n[[env.staging.d1_databases]]\nbinding = "DB"\ndatabase_id = "s"\n`,
    },
  },
  {
    name: "TOML with inline tables and a byte order mark",
    files: { "wrangler.toml": `\uFEFFname = 'shop'\r\nd1_databases = [{ binding = "DB" }]\r\n` },
  },

  // Databases
  {
    name: "several databases, the second by binding",
    db: "LOGS",
    files: { "wrangler.json": worker({ d1_databases: [app, logs] }) },
  },
  {
    name: "several databases, the second by name",
    db: "logs",
    files: { "wrangler.json": worker({ d1_databases: [app, logs] }) },
  },
  {
    name: "a name that is another one's binding",
    db: "LOGS",
    files: { "wrangler.json": worker({ d1_databases: [{ ...app, database_name: "LOGS" }, logs] }) },
  },
  {
    name: "no database_id",
    files: { "wrangler.json": worker({ d1_databases: [{ binding: "DB", database_name: "app" }] }) },
  },
  {
    name: "only a binding",
    files: { "wrangler.json": worker({ d1_databases: [{ binding: "DB" }] }) },
  },
  { name: "a preview id", files: withEntry({ preview_database_id: "preview" }) },
  { name: "empty ids", files: withEntry({ preview_database_id: "", database_id: "" }) },
  { name: "a migrations table", files: withEntry({ migrations_table: "steps" }) },
  { name: "an empty migrations table", files: withEntry({ migrations_table: "" }) },
  { name: "a remote binding", files: withEntry({ remote: true }) },
  { name: "an unknown field", files: withEntry({ colour: "blue" }) },
  { name: "migrations_dir with ./", files: withEntry({ migrations_dir: "./db" }) },
  {
    name: "migrations_dir with a slash at the end",
    files: withEntry({ migrations_dir: "db/steps/" }),
  },
  { name: "migrations_dir with backslashes", files: withEntry({ migrations_dir: ".\\db\\steps" }) },
  { name: "migrations_dir that is empty", files: withEntry({ migrations_dir: "" }) },
  {
    name: "migrations_pattern, nested",
    files: withEntry({ migrations_dir: "drizzle", migrations_pattern: "drizzle/*/migration.sql" }),
  },
  {
    name: "no databases",
    files: { "wrangler.json": worker({}) },
    refused: "DATABASE_NONE",
    oursOnly: NO_DATABASE,
  },
  {
    name: "an empty list of databases",
    files: { "wrangler.json": worker({ d1_databases: [] }) },
    refused: "DATABASE_NONE",
    oursOnly: NO_DATABASE,
  },
  {
    name: "several databases and none named",
    files: { "wrangler.json": worker({ d1_databases: [app, logs] }) },
    refused: "DATABASE_AMBIGUOUS",
    oursOnly: NO_DATABASE,
  },
  {
    name: "an unknown database",
    db: "ap",
    files: { "wrangler.json": one },
    refused: "DATABASE_UNKNOWN",
    oursOnly: NO_DATABASE,
  },
  {
    name: "a pattern without a folder",
    files: withEntry({ migrations_pattern: "db/*.sql" }),
    refused: "CONFIG_INVALID",
    oursOnly: NO_DATABASE,
  },
  {
    name: "a pattern of another folder",
    files: withEntry({ migrations_dir: "db", migrations_pattern: "other/*.sql" }),
    refused: "CONFIG_INVALID",
    oursOnly: NO_DATABASE,
  },

  {
    name: "a migrations_table that begins with accepted:",
    files: withEntry({ migrations_table: "accepted:d1_migrations" }),
    refused: "CONFIG_INVALID",
    oursOnly: "d1ops_migrations records what was accepted for a ledger under that name",
  },
  {
    name: "a migrations_table that begins with text:",
    files: withEntry({ migrations_table: "text:d1_migrations" }),
    refused: "CONFIG_INVALID",
    oursOnly: "d1ops_migrations records the applied texts of a ledger under that name",
  },

  // Name and account
  { name: "no name", files: { "wrangler.json": json({ d1_databases: [app] }) } },
  {
    name: "no name, but an environment",
    env: "staging",
    files: {
      "wrangler.json": json({ d1_databases: [app], env: { staging: { d1_databases: [app] } } }),
    },
  },
  {
    name: "an empty name and an environment",
    env: "staging",
    files: {
      "wrangler.json": json({
        name: "",
        d1_databases: [app],
        env: { staging: { d1_databases: [app] } },
      }),
    },
  },
  {
    name: "an empty account",
    files: { "wrangler.json": worker({ account_id: "", d1_databases: [app] }) },
  },
  {
    name: "an empty account in an environment inherits",
    env: "s",
    files: {
      "wrangler.json": worker({
        account_id: "top",
        env: { s: { account_id: "", d1_databases: [app] } },
      }),
    },
  },
  {
    name: "a name with capitals",
    files: { "wrangler.json": json({ name: "Shop", d1_databases: [app] }) },
    refused: "CONFIG_INVALID",
  },
  {
    name: "a name that is a number",
    files: { "wrangler.json": json({ name: 7, d1_databases: [app] }) },
    refused: "CONFIG_INVALID",
  },
  {
    name: "a wrong name in an environment",
    env: "s",
    files: { "wrangler.json": worker({ env: { s: { name: "A b", d1_databases: [app] } } }) },
    refused: "CONFIG_INVALID",
  },
  {
    name: "an account that is a number",
    files: { "wrangler.json": worker({ account_id: 12, d1_databases: [app] }) },
    refused: "CONFIG_INVALID",
  },

  // Environments
  { name: "environments, none named", files: { "wrangler.json": staged } },
  { name: "an environment with databases", env: "staging", files: { "wrangler.json": staged } },
  { name: "an environment with its own name", env: "named", files: { "wrangler.json": staged } },
  {
    name: "an environment without databases does not inherit",
    env: "bare",
    files: { "wrangler.json": staged },
    refused: "DATABASE_NONE",
    oursOnly: NO_DATABASE,
  },
  {
    name: "CLOUDFLARE_ENV",
    variables: { CLOUDFLARE_ENV: "staging" },
    files: { "wrangler.json": staged },
  },
  {
    name: "--env before CLOUDFLARE_ENV",
    env: "named",
    variables: { CLOUDFLARE_ENV: "staging" },
    files: { "wrangler.json": staged },
  },
  {
    name: "an empty --env is the top level",
    env: "",
    variables: { CLOUDFLARE_ENV: "staging" },
    files: { "wrangler.json": staged },
  },
  {
    name: "an empty CLOUDFLARE_ENV",
    variables: { CLOUDFLARE_ENV: "" },
    files: { "wrangler.json": staged },
  },
  {
    name: "an unknown environment",
    env: "stagin",
    files: { "wrangler.json": staged },
    refused: "ENVIRONMENT_UNKNOWN",
  },
  {
    name: "an unknown CLOUDFLARE_ENV",
    variables: { CLOUDFLARE_ENV: "prod" },
    files: { "wrangler.json": staged },
    refused: "ENVIRONMENT_UNKNOWN",
  },
  {
    name: "an environment where env is empty",
    env: "prod",
    files: { "wrangler.json": worker({ d1_databases: [app], env: {} }) },
    refused: "ENVIRONMENT_UNKNOWN",
  },
  {
    name: "an environment in a config without environments",
    env: "prod",
    files: { "wrangler.json": one },
    refused: "ENVIRONMENT_UNKNOWN",
    oursOnly: "wrangler warns, and uses the database of the top level",
  },
  {
    name: "a CLOUDFLARE_ENV in a config without environments",
    variables: { CLOUDFLARE_ENV: "prod" },
    files: { "wrangler.json": one },
    refused: "ENVIRONMENT_UNKNOWN",
    oursOnly: "wrangler warns, and uses the database of the top level",
  },
  {
    name: "an unknown environment of a Pages project",
    env: "prod",
    files: { "wrangler.json": pages({ preview: {} }) },
    refused: "ENVIRONMENT_UNKNOWN",
    oursOnly: "wrangler uses the database of the top level without a warning",
  },
  {
    name: "an unknown environment of a Pages project without environments",
    variables: { CLOUDFLARE_ENV: "prod" },
    files: { "wrangler.json": pages() },
    refused: "ENVIRONMENT_UNKNOWN",
    oursOnly: "wrangler uses the database of the top level without a warning",
  },
  ...["production", "preview"].flatMap((env) => [
    {
      name: `${env} of a Pages project without environments`,
      env,
      files: { "wrangler.json": pages() },
    },
    {
      name: `${env} of a Pages project with a section for it`,
      env,
      files: { "wrangler.json": pages({ [env]: { d1_databases: [logs] } }) },
    },
  ]),
  {
    name: "production of a Pages project with a section for preview alone",
    env: "production",
    files: { "wrangler.json": pages({ preview: { d1_databases: [logs] } }) },
  },
  {
    name: "preview of a Pages project, whose section has no databases",
    env: "preview",
    files: { "wrangler.json": pages({ preview: {} }) },
    refused: "DATABASE_NONE",
    oursOnly: NO_DATABASE,
  },
  {
    name: "faults of an environment that is not in use",
    files: { "wrangler.json": worker({ d1_databases: [app], env: { s: { d1_databases: 7 } } }) },
  },
  {
    name: "faults of the top level under an environment",
    env: "s",
    files: { "wrangler.json": worker({ d1_databases: 7, env: { s: { d1_databases: [app] } } }) },
    refused: "CONFIG_INVALID",
  },
  {
    name: "an environment that is null",
    env: "s",
    files: { "wrangler.json": worker({ d1_databases: [app], env: { s: null } }) },
    refused: "CONFIG_INVALID",
  },
  {
    name: "env that is null",
    files: { "wrangler.json": worker({ d1_databases: [app], env: null }) },
  },
  {
    name: "legacy_env",
    files: { "wrangler.json": worker({ legacy_env: true, d1_databases: [app] }) },
    refused: "CONFIG_INVALID",
  },
  {
    name: "node_compat",
    files: { "wrangler.json": worker({ node_compat: true, d1_databases: [app] }) },
    refused: "CONFIG_INVALID",
  },

  // Wrong types
  {
    name: "d1_databases that is an object",
    files: { "wrangler.json": worker({ d1_databases: app }) },
    refused: "CONFIG_INVALID",
  },
  {
    name: "d1_databases that is null",
    files: { "wrangler.json": worker({ d1_databases: null }) },
    refused: "CONFIG_INVALID",
  },
  {
    name: "a database that is a string",
    files: { "wrangler.json": worker({ d1_databases: ["DB"] }) },
    refused: "CONFIG_INVALID",
  },
  {
    name: "a database that is null",
    files: { "wrangler.json": worker({ d1_databases: [null] }) },
    refused: "CONFIG_INVALID",
  },
  {
    name: "no binding",
    files: { "wrangler.json": worker({ d1_databases: [{ database_id: ID }] }) },
    refused: "CONFIG_INVALID",
  },
  {
    name: "a binding that is a number",
    files: withEntry({ binding: 1 }),
    refused: "CONFIG_INVALID",
  },
  {
    name: "a binding twice",
    db: "DB",
    files: { "wrangler.json": worker({ d1_databases: [app, app] }) },
    refused: "CONFIG_INVALID",
  },
  ...[
    "database_name",
    "database_id",
    "preview_database_id",
    "migrations_dir",
    "migrations_pattern",
    "migrations_table",
    "database_internal_env",
  ].map((field): Project => ({
    name: `${field} that is a number`,
    files: withEntry({ [field]: 5 }),
    refused: "CONFIG_INVALID",
  })),
  {
    name: "database_id that is null",
    files: withEntry({ database_id: null }),
    refused: "CONFIG_INVALID",
  },
  {
    name: "remote that is a string",
    files: withEntry({ remote: "yes" }),
    refused: "CONFIG_INVALID",
  },

  // Broken text
  {
    name: "JSON cut short",
    files: { "wrangler.json": one.slice(0, -5) },
    refused: "CONFIG_INVALID",
  },
  { name: "an empty file", files: { "wrangler.jsonc": "" }, refused: "CONFIG_INVALID" },
  {
    name: "JSON with a missing comma",
    files: { "wrangler.json": '{ "name": "shop" "x": 1 }' },
    refused: "CONFIG_INVALID",
  },
  { name: "a config that is null", files: { "wrangler.json": "null" }, refused: "CONFIG_INVALID" },
  {
    name: "a config that is a string",
    files: { "wrangler.json": '"shop"' },
    refused: "CONFIG_INVALID",
  },
  {
    name: "TOML with a fault",
    files: { "wrangler.toml": 'name = "shop\n' },
    refused: "CONFIG_INVALID",
  },
  {
    name: "TOML with a key twice",
    files: { "wrangler.toml": "a = 1\na = 2\n" },
    refused: "CONFIG_INVALID",
  },
  {
    name: "UTF-16 little-endian",
    files: { "wrangler.json": Buffer.from(`\uFEFF${one}`, "utf16le") },
    refused: "CONFIG_INVALID",
  },
  {
    name: "UTF-16 big-endian",
    files: { "wrangler.json": Buffer.from(`\uFEFF${one}`, "utf16le").swap16() },
    refused: "CONFIG_INVALID",
  },

  // Where the config is
  { name: "a folder below", cwd: "src/api", files: { "wrangler.json": one, "src/api/x.ts": "" } },
  {
    name: "the nearer of two of a kind",
    cwd: "apps/a",
    files: { "wrangler.jsonc": staged, "apps/a/wrangler.jsonc": one },
  },
  {
    name: "json over jsonc over toml in one folder",
    files: { "wrangler.json": one, "wrangler.jsonc": "{", "wrangler.toml": "=" },
  },
  { name: "jsonc over toml in one folder", files: { "wrangler.jsonc": one, "wrangler.toml": "=" } },
  {
    name: "a json in a parent folder over a jsonc here",
    cwd: "apps/a",
    files: { "wrangler.json": one, "apps/a/wrangler.jsonc": staged },
  },
  {
    name: "a jsonc in a parent folder over a toml here",
    cwd: "apps/a",
    files: { "wrangler.jsonc": one, "apps/a/wrangler.toml": "=" },
  },
  {
    name: "a folder that is named like a config",
    cwd: "a",
    files: { "wrangler.json": one, "a/wrangler.json/x": "" },
  },
  {
    name: "--config, relative",
    cwd: "a",
    config: "../b/other.json",
    files: { "wrangler.json": "{", "b/other.json": one, "a/x": "" },
  },
  {
    name: "--config, TOML",
    config: "x.toml",
    files: { "x.toml": 'd1_databases = [{ binding = "DB" }]' },
  },
  {
    name: "--config that is not there",
    config: "nope.json",
    files: { "wrangler.json": one },
    refused: "CONFIG_UNREADABLE",
  },
  {
    name: "--config that is a folder",
    config: "a.json",
    files: { "a.json/x": "" },
    refused: "CONFIG_UNREADABLE",
  },
  {
    name: "--config of another kind",
    config: "a.yaml",
    files: { "a.yaml": one },
    refused: "CONFIG_INVALID",
    oursOnly: NO_DATABASE,
  },
  { name: "no config", files: {}, refused: "CONFIG_NOT_FOUND", oursOnly: NO_DATABASE },

  // Redirects
  {
    name: "a redirect",
    files: {
      "wrangler.json": staged,
      "out/w.json": one,
      ".wrangler/deploy/config.json": redirectTo("../../out/w.json"),
    },
  },
  {
    name: "a redirect from a folder below",
    cwd: "src",
    files: {
      "src/x": "",
      "wrangler.json": staged,
      "out/w.json": one,
      ".wrangler/deploy/config.json": redirectTo("../../out/w.json"),
    },
  },
  {
    name: "a redirect without a config of one's own",
    files: { "out/w.json": one, ".wrangler/deploy/config.json": redirectTo("../../out/w.json") },
  },
  {
    name: "a redirect to the config itself",
    env: "staging",
    files: {
      "wrangler.json": staged,
      ".wrangler/deploy/config.json": redirectTo("../../wrangler.json"),
    },
  },
  {
    name: "a redirect, ignored",
    redirect: "ignore",
    env: "staging",
    files: {
      "wrangler.json": staged,
      "out/w.json": one,
      ".wrangler/deploy/config.json": redirectTo("../../out/w.json"),
    },
  },
  {
    name: "a broken redirect, ignored",
    redirect: "ignore",
    files: { "wrangler.json": one, ".wrangler/deploy/config.json": "{" },
  },
  {
    name: "a redirect under --config",
    config: "wrangler.json",
    files: { "wrangler.json": one, ".wrangler/deploy/config.json": "{" },
  },
  {
    name: "a redirect and an environment it was not built for",
    env: "named",
    files: {
      "wrangler.json": staged,
      "out/w.json": worker({ targetEnvironment: "staging", d1_databases: [app] }),
      ".wrangler/deploy/config.json": redirectTo("../../out/w.json"),
    },
    refused: "ENVIRONMENT_UNKNOWN",
  },
  {
    name: "a redirect and the environment it was built for",
    env: "staging",
    files: {
      "wrangler.json": staged,
      "out/w.json": worker({
        targetEnvironment: "staging",
        definedEnvironments: ["staging", "named"],
        d1_databases: [app],
      }),
      ".wrangler/deploy/config.json": redirectTo("../../out/w.json"),
    },
  },
  {
    name: "a redirect and an environment it does not know of",
    env: "staging",
    files: {
      "wrangler.json": staged,
      "out/w.json": one,
      ".wrangler/deploy/config.json": redirectTo("../../out/w.json"),
    },
  },
  {
    name: "a redirect to a config with legacy_env",
    files: {
      "wrangler.json": one,
      "out/w.json": worker({ legacy_env: true, d1_databases: [app] }),
      ".wrangler/deploy/config.json": redirectTo("../../out/w.json"),
    },
  },
  {
    name: "a redirect to a config with environments",
    files: {
      "wrangler.json": staged,
      "out/w.json": staged,
      ".wrangler/deploy/config.json": redirectTo("../../out/w.json"),
    },
    refused: "CONFIG_INVALID",
  },
  {
    name: "a redirect to nowhere",
    files: { "wrangler.json": one, ".wrangler/deploy/config.json": redirectTo("../../out/w.json") },
    refused: "CONFIG_INVALID",
  },
  {
    name: "a redirect without a path",
    files: { "wrangler.json": one, ".wrangler/deploy/config.json": "{}" },
    refused: "CONFIG_INVALID",
  },
  {
    name: "a redirect with a path that is a number",
    files: { "wrangler.json": one, ".wrangler/deploy/config.json": '{ "configPath": 1 }' },
    refused: "CONFIG_INVALID",
  },
  {
    name: "a redirect that is broken",
    files: { "wrangler.json": one, ".wrangler/deploy/config.json": "{" },
    refused: "CONFIG_INVALID",
  },
  {
    name: "a redirect in another folder than the config",
    cwd: "a",
    files: {
      "wrangler.json": one,
      "a/w.json": one,
      "a/.wrangler/deploy/config.json": redirectTo("../../w.json"),
    },
    refused: "CONFIG_INVALID",
  },
];
