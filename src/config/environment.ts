/**
 * The part of a config that applies to one environment. d1ops rejects the same values of these fields as wrangler. It does not read fields
 * without effect on a database (routes, vars, other bindings).
 * @module
 */
import { OpsError } from "../report/error.ts";
import { readDatabases, type DatabaseEntry } from "./entries.ts";
import type { FoundConfig } from "./find-config.ts";
import { invalidConfig } from "./invalid-config.ts";
import { nearest } from "../report/nearest.ts";
import { offer, shellWord, typedCommand, valueFlag } from "../report/command.ts";

type Table = Readonly<Record<string, unknown>>;

export interface Environment {
  /** The chosen environment. Null is the top level. */
  readonly env: string | null;
  /** The section of the config that applies. Null is the top level. It differs from `env` only for Pages. */
  readonly section: string | null;
  /** The sections of the config. */
  readonly environments: readonly string[];
  /** The values that `--env` accepts. For Pages, `production` and `preview` need no section. */
  readonly knownEnvironments: readonly string[];
  readonly workerName: string | null;
  readonly accountId: string | null;
  readonly databases: readonly DatabaseEntry[];
  /** The databases of the top level. A named environment does not inherit them. */
  readonly topLevelDatabases: readonly DatabaseEntry[];
  /** The sections with databases. */
  readonly environmentsWithDatabases: readonly string[];
}

/** The name of the environment, and its source: the option or the variable. */
export interface WantedEnvironment {
  /** Empty is the top level. */
  readonly name: string;
  readonly from: "--env" | "CLOUDFLARE_ENV";
}

/** Pages deploys to these two. Without a section of their own, they use the top level. */
const PAGES_ENVIRONMENTS = ["production", "preview"];

/** @throws OpsError CONFIG_INVALID, ENVIRONMENT_UNKNOWN */
export function chooseEnvironment(
  content: unknown,
  found: FoundConfig,
  { name: wanted, from }: WantedEnvironment,
): Environment {
  const path = found.configPath;
  const top = asTable(content, path, null);
  const named =
    top["env"] === undefined || top["env"] === null ? null : asTable(top["env"], path, "env");
  refuseRemovedFields(top, found);
  const base = {
    workerName: readName(top, "", path),
    accountId: readAccount(top, "", path),
    topLevelDatabases: readDatabases(top["d1_databases"], "d1_databases", path),
    environmentsWithDatabases: Object.entries(named ?? {}).flatMap(([name, section]) =>
      hasDatabases(section) ? [name] : [],
    ),
  };
  const environments = Object.keys(named ?? {});
  if (found.redirected) {
    refuseEnvironments(environments, path);
    return redirectedEnvironment(top, base, path, wanted);
  }
  const pages = top["pages_build_output_dir"] !== undefined;
  const knownEnvironments = pages
    ? [...new Set([...environments, ...PAGES_ENVIRONMENTS])]
    : environments;
  const plain = {
    ...base,
    environments,
    knownEnvironments,
    section: null,
    databases: base.topLevelDatabases,
  };
  if (wanted === "") return { ...plain, env: null };
  // wrangler uses the top level for any name in a Pages config, and for any name if a Worker has no environments.
  if (!knownEnvironments.includes(wanted)) {
    throw unknownEnvironment({ name: wanted, from }, { known: knownEnvironments, pages }, path);
  }
  if (named === null || !Object.hasOwn(named, wanted)) return { ...plain, env: wanted };
  const suffixed = base.workerName ? `${base.workerName}-${wanted}` : null;
  const where = `env.${wanted}.`;
  const own = asTable(named[wanted], path, `env.${wanted}`);
  refuseNodeCompat(own, path, where);
  return {
    ...plain,
    env: wanted,
    section: wanted,
    workerName: readName(own, where, path) ?? suffixed,
    accountId: readAccount(own, where, path) ?? base.accountId,
    databases: readDatabases(own["d1_databases"], `${where}d1_databases`, path),
  };
}

function refuseEnvironments(environments: readonly string[], path: string): void {
  if (environments.length === 0) return;
  const problem = `a generated config cannot have environments, but this one has ${environments.join(", ")}.`;
  throw invalidConfig(path, problem, "Build the project again, or report this to the build tool.");
}

/** A generated config belongs to one environment, and has no others. */
function redirectedEnvironment(
  top: Table,
  base: Omit<Environment, "env" | "section" | "environments" | "knownEnvironments" | "databases">,
  path: string,
  wanted: string,
): Environment {
  const target = top["targetEnvironment"];
  const built = typeof target === "string" && target !== "" ? target : null;
  const pages = top["pages_build_output_dir"] !== undefined;
  if (wanted !== "" && built !== null && built !== wanted && !pages) {
    const message = `${path} was built for the environment ${built}, not for ${wanted}.`;
    const hint = `Build the project again with CLOUDFLARE_ENV=${shellWord(wanted)}.\n${offer(`Or use the environment ${built}`, withEnvironment(built))}`;
    throw new OpsError("ENVIRONMENT_UNKNOWN", { name: wanted, known: [built] }, { message, hint });
  }
  const defined = top["definedEnvironments"];
  const environments = Array.isArray(defined) ? defined.filter((it) => typeof it === "string") : [];
  return {
    ...base,
    env: built,
    section: built,
    environments,
    knownEnvironments: environments,
    databases: base.topLevelDatabases,
  };
}

function unknownEnvironment(
  { name, from }: WantedEnvironment,
  { known, pages }: { readonly known: string[]; readonly pages: boolean },
  path: string,
): OpsError {
  const guess = nearest(name, known);
  const list = known.length > 0 ? `It has ${known.join(", ")}.` : "It has no environments.";
  const source = from === "--env" ? "" : " The variable CLOUDFLARE_ENV names it.";
  const add = `Or add "env": { ${JSON.stringify(name)}: { … } } to the config.`;
  const others = known.map((one) => offer(`The environment ${one}`, withEnvironment(one)));
  const topLevel = offer("To use the top level of the config", withEnvironment(""));
  const lines =
    guess !== null
      ? [`Did you mean ${guess}?`, withEnvironment(guess)]
      : pages
        ? [...others, "A Pages project has no other environments."]
        : [...(known.length > 0 ? others : [topLevel]), add];
  const message = `${path} has no environment ${JSON.stringify(name)}. ${list}${source}`;
  return new OpsError("ENVIRONMENT_UNKNOWN", { name, known }, { message, hint: lines.join("\n") });
}

function withEnvironment(name: string): string {
  return typedCommand(...valueFlag("--env", name));
}

/** Ignores errors in a section, because its environment is not in use. */
function hasDatabases(section: unknown): boolean {
  if (typeof section !== "object" || section === null || !("d1_databases" in section)) return false;
  return Array.isArray(section.d1_databases) && section.d1_databases.length > 0;
}

/** `where` is the path of the field, null for the whole file. */
function asTable(value: unknown, path: string, where: string | null): Table {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  const what = where === null ? "the config" : `"${where}"`;
  const got = Array.isArray(value) ? "a list" : JSON.stringify(value);
  const toml = where === null ? "" : ` In TOML it is a table: [${where}]`;
  const problem = `${what} should be an object, but is ${got}.`;
  const hint = `Write it as { … }.${toml}`;
  throw invalidConfig(path, problem, hint);
}

function refuseRemovedFields(top: Table, found: FoundConfig): void {
  refuseNodeCompat(top, found.configPath, "");
  if (!("legacy_env" in top) || found.redirected) return;
  const problem = '"legacy_env" is no longer supported by wrangler.';
  const hint = 'Remove the line with "legacy_env". Its behaviour is now the default.';
  throw invalidConfig(found.configPath, problem, hint);
}

function refuseNodeCompat(table: Table, path: string, where: string): void {
  if (!("node_compat" in table)) return;
  const problem = `"${where}node_compat" is no longer supported by wrangler.`;
  const hint = 'Replace it by "compatibility_flags": ["nodejs_compat"].';
  throw invalidConfig(path, problem, hint);
}

function readName(table: Table, where: string, path: string): string | null {
  const { name } = table;
  if (name === undefined) return null;
  if (typeof name === "string" && /^$|^[a-z0-9_][a-z0-9-_]*$/.test(name)) return name;
  const problem = `"${where}name" should be lower-case letters, digits, dashes and underscores, but is ${JSON.stringify(name)}.`;
  const hint = `Write it like "name": "my-worker".`;
  throw invalidConfig(path, problem, hint);
}

/** Like wrangler, treats an empty account as none. */
function readAccount(table: Table, where: string, path: string): string | null {
  const account = table["account_id"];
  if (account === undefined || account === "") return null;
  if (typeof account === "string") return account;
  const problem = `"${where}account_id" should be a string, but is ${JSON.stringify(account)}.`;
  const hint = "Write it in quotes, or remove it and set CLOUDFLARE_ACCOUNT_ID.";
  throw invalidConfig(path, problem, hint);
}
