/** @module Finds what the first settings of a project should be. Only reads. */
import { existsSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { databaseName } from "../../config/database-settings.ts";
import { parseConfig } from "../../config/parse-config.ts";
import type { ProjectSettings } from "../../config/wrangler-settings.ts";
import { ageWrapping } from "../../files/age.ts";
import { folderStore } from "../../files/folder-store.ts";
import { listProjectFiles } from "../../files/project-files.ts";
import { hasCode, OpsError } from "../../report/error.ts";
import { readWrappedKeys } from "../../snapshots/store/store-key.ts";
import { exclusionsOf, looksSecret } from "../../snapshots/take/secret-files.ts";
import type { Surroundings } from "./settings-text.ts";

const SCHEMA = "node_modules/d1ops/d1ops.schema.json";

/** @throws OpsError of the config room, SNAPSHOT_DAMAGED */
export async function surroundingsOf(
  settings: ProjectSettings,
  store: string,
): Promise<Surroundings> {
  const { projectPath, configPath, databases } = settings;
  const candidates = new Set([
    basename(configPath),
    // Migrations in the project's own folder would be the whole project.
    ...databases.flatMap(({ migrationsDir: dir }) => (dir === "." ? [] : [`${dir}/**`])),
    "config/**",
  ]);
  const globs: string[] = [];
  const secret: string[] = [];
  for (const glob of candidates) {
    const paths = await pathsOf(projectPath, glob, store);
    const secretOnes = paths.filter(looksSecret);
    if (secretOnes.length === paths.length) continue;
    globs.push(glob);
    secret.push(...secretOnes);
  }
  return {
    schema: schemaPath(projectPath),
    databases: databases.map(databaseName),
    files: [...globs, ...exclusionsOf(secret)],
    store: await storeAt(store),
    buckets: bucketsOf(await parseConfig(configPath), settings.section),
  };
}

/** A folder of which nothing can be read has nothing to take. */
async function pathsOf(projectPath: string, glob: string, store: string): Promise<string[]> {
  try {
    const { files } = await listProjectFiles(projectPath, [glob], store);
    return files.map(({ path }) => path);
  } catch (error) {
    if (error instanceof OpsError && !hasCode(error, "INTERRUPTED")) return [];
    throw error;
  }
}

/** A package manager may install the package in a folder above. */
function schemaPath(projectPath: string): string {
  for (let folder = projectPath; ; folder = dirname(folder)) {
    if (existsSync(join(folder, SCHEMA))) {
      const path = relative(projectPath, join(folder, SCHEMA)).split(sep).join("/");
      return path.startsWith(".") ? path : `./${path}`;
    }
    if (folder === dirname(folder)) return `./${SCHEMA}`;
  }
}

async function storeAt(path: string): Promise<Surroundings["store"]> {
  const store = folderStore(path);
  const snapshots = (await store.list("snapshots")).length;
  if (snapshots === 0) return null;
  return { snapshots, isEncrypted: (await readWrappedKeys(store, ageWrapping)) !== null };
}

/** The names in `r2_buckets` of the section of the config. An environment inherits none. */
function bucketsOf(config: unknown, section: string | null): string[] {
  const own = section === null ? config : partOf(partOf(config, "env"), section);
  const buckets = partOf(own, "r2_buckets");
  if (!Array.isArray(buckets)) return [];
  return buckets.flatMap((one: unknown) => {
    const name = partOf(one, "bucket_name");
    return typeof name === "string" ? [name] : [];
  });
}

function partOf(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}
