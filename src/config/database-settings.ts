/** @module One database of a config: its defaults, its migrations folder, and the choice of a database. */
import { posix } from "node:path";
import { OpsError } from "../report/error.ts";
import type { DatabaseEntry } from "./entries.ts";
import type { Environment } from "./environment.ts";
import { invalidConfig } from "./invalid-config.ts";
import { nearest } from "../report/nearest.ts";
import { offer, typedCommand, valueFlag } from "../report/command.ts";

export interface DatabaseSettings {
  readonly binding: string;
  readonly name: string | null;
  readonly id: string | null;
  readonly previewId: string | null;
  /** `wrangler dev` uses the database at Cloudflare for this binding, not the local file. */
  readonly remote: boolean;
  /** The local file is named after this: the preview id, else the id, else the binding. */
  readonly localId: string;
  /** The absolute path of another SQLite file that takes the place of wrangler's local file. */
  readonly file?: string;
  /** Relative to the project, with forward slashes, without `./` and without a slash at the end. `.` is the project itself. */
  readonly migrationsDir: string;
  /** Relative to the project. Begins with `migrationsDir`, unless that is `.`. */
  readonly migrationsPattern: string;
  readonly migrationsTable: string;
}

/** A file of `migrationsDir`, relative to the project, with forward slashes. */
export function fileInMigrations(migrationsDir: string, name: string): string {
  return migrationsDir === "." ? name : `${migrationsDir}/${name}`;
}

/** The name for reports and messages. */
export function databaseName({
  name,
  binding,
}: Pick<DatabaseSettings, "name" | "binding">): string {
  return name ?? binding;
}

/** The id at Cloudflare. Null if the config has none, or if it is not a UUID but a name or a placeholder. */
export function remoteId({ id }: Pick<DatabaseSettings, "id">): string | null {
  return id !== null && UUID.test(id) ? id : null;
}

const UUID = /^(?!0{8}-)[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** Fills in wrangler's defaults. */
export function toSettings(entry: DatabaseEntry): DatabaseSettings {
  const id = entry.database_id ?? null;
  const previewId = entry.preview_database_id ?? null;
  const migrationsDir = normalise(entry.migrations_dir ?? "./migrations");
  return {
    binding: entry.binding,
    name: entry.database_name ?? null,
    id,
    previewId,
    remote: entry.remote === true,
    localId: previewId ?? id ?? entry.binding,
    migrationsDir,
    migrationsPattern: normalise(entry.migrations_pattern ?? `${migrationsDir}/*.sql`),
    // An empty name means the default. An empty folder means the project itself.
    migrationsTable: entry.migrations_table || "d1_migrations",
  };
}

/** The first entry with the name or binding `wanted`, or the only entry. @throws OpsError DATABASE_NONE, DATABASE_UNKNOWN, DATABASE_AMBIGUOUS */
export function chooseDatabase(
  environment: Environment,
  path: string,
  wanted: string | undefined,
): DatabaseEntry {
  const { databases, env } = environment;
  const [first] = databases;
  if (first === undefined) throw noDatabase(path, environment);
  const known = [
    ...new Set(databases.map(toSettings).flatMap((it) => [databaseName(it), it.binding])),
  ];
  if (wanted !== undefined) {
    const found = databases.find((it) => it.database_name === wanted || it.binding === wanted);
    if (found !== undefined) return found;
    const guess = nearest(wanted, known);
    const message = `${placeOf(path, env)} has no database ${JSON.stringify(wanted)}. It has ${databases.map(({ database_name: name, binding }) => (name ? `${name} (binding ${binding})` : binding)).join(", ")}.`;
    const hint =
      guess === null
        ? offer("To use a database that exists", withDatabase(first.binding))
        : `Did you mean ${guess}?\n${withDatabase(guess)}`;
    throw new OpsError("DATABASE_UNKNOWN", { name: wanted, known }, { message, hint });
  }
  if (databases.length === 1) return first;
  const bindings = databases.map((it) => it.binding);
  const message = `${placeOf(path, env)} has ${databases.length} databases, and none was named.`;
  const hint = [
    ...databases
      .map(toSettings)
      .map((it) => offer(`The database ${databaseName(it)}`, withDatabase(it.binding))),
    ...(env === null ? inEnvironments(environment) : []),
  ].join("\n");
  throw new OpsError("DATABASE_AMBIGUOUS", { known: bindings }, { message, hint });
}

/** Like wrangler, checks only the database in use. @throws OpsError CONFIG_INVALID */
export function checkMigrations(entry: DatabaseEntry, path: string): void {
  refuseReservedTable(entry, path);
  const written = entry.migrations_pattern;
  if (written === undefined) return;
  const { binding, migrations_dir } = entry;
  if (migrations_dir === undefined) {
    const fixed = /^[^*?[{(!]+(?=\/)/.exec(normalise(written))?.[0] ?? ".";
    const problem = `the database ${binding} has a migrations_pattern but no migrations_dir.`;
    const hint = `Add "migrations_dir": "${fixed}", the folder at the beginning of the pattern.`;
    throw invalidConfig(path, problem, hint);
  }
  const dir = normalise(migrations_dir);
  if (dir === "." || normalise(written).startsWith(`${dir}/`)) return;
  const problem = `migrations_pattern ${JSON.stringify(written)} of the database ${binding} does not begin with its migrations_dir, ${JSON.stringify(`${dir}/`)}.`;
  const hint = `Write it like "migrations_pattern": "${dir}/*.sql", or change migrations_dir.`;
  throw invalidConfig(path, problem, hint);
}

/** In `d1ops_migrations`, the ledgers `accepted:NAME` and `text:NAME` contain accepted changes and marks of the ledger NAME. */
const RESERVED = ["accepted:", "text:"];

function refuseReservedTable({ binding, migrations_table }: DatabaseEntry, path: string): void {
  const reserved = RESERVED.find((start) => migrations_table?.startsWith(start));
  if (reserved === undefined) return;
  const problem = `migrations_table ${JSON.stringify(migrations_table)} of the database ${binding} begins with "${reserved}", which d1ops uses in its own ledger.`;
  const hint = 'Rename the table in the database, and set "migrations_table" to the new name.';
  throw invalidConfig(path, problem, hint);
}

/** Replaces backslashes on every system, so that a config has the same meaning everywhere. */
function normalise(path: string): string {
  return posix.normalize(path.replaceAll("\\", "/")).replace(/\/$/, "");
}

function noDatabase(
  path: string,
  { env, topLevelDatabases, environmentsWithDatabases: others }: Environment,
): OpsError {
  if (others.length > 0 && topLevelDatabases.length === 0) {
    const message = `${placeOf(path, env)} has no D1 database. The environments ${others.join(", ")} have one.`;
    const hint = inEnvironments({ environmentsWithDatabases: others }).join("\n");
    return new OpsError("DATABASE_NONE", { path, env }, { message, hint });
  }
  const inherits = env !== null && topLevelDatabases.length > 0;
  const why = inherits
    ? " The top level has one, but d1_databases is not inherited by environments."
    : "";
  const hint = inherits
    ? `Repeat d1_databases under "env": { ${JSON.stringify(env)}: { "d1_databases": [ … ] } }.`
    : offer("Create one, and add the output to the config", "npx wrangler d1 create NAME");
  const message = `${placeOf(path, env)} has no D1 database.${why}`;
  return new OpsError("DATABASE_NONE", { path, env }, { message, hint });
}

function inEnvironments({
  environmentsWithDatabases: names,
}: Pick<Environment, "environmentsWithDatabases">): string[] {
  return names.map((name) =>
    offer(`The environment ${name}`, typedCommand(...valueFlag("--env", name))),
  );
}

function placeOf(path: string, env: string | null): string {
  return env === null ? path : `${path} (environment ${env})`;
}

function withDatabase(name: string): string {
  return typedCommand(...valueFlag("--db", name));
}
