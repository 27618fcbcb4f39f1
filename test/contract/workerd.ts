import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { getPlatformProxy } from "wrangler";
import type { D1Database } from "../../src/database/port.ts";

/** A running workerd with many databases, persisted under `folder`. */
export interface Workerd {
  /** One that nobody has had before. */
  fresh(): D1Database;
  dispose(): Promise<void>;
}

/** The real thing: D1 as `wrangler dev` runs it, reached through `getPlatformProxy`. */
export async function startWorkerd(folder: string, databases = 1): Promise<Workerd> {
  await mkdir(folder, { recursive: true });
  const configPath = join(folder, "wrangler.json");
  const names = Array.from({ length: databases }, (_, i) => `DB${i}`);
  await writeFile(
    configPath,
    JSON.stringify({
      name: "contract",
      compatibility_date: "2026-10-01",
      d1_databases: names.map((binding) => ({
        binding,
        database_name: binding,
        database_id: `id-${binding}`,
      })),
    }),
  );
  const proxy = await getPlatformProxy<Record<string, D1Database>>({
    configPath,
    persist: { path: join(folder, "state") },
    envFiles: [],
  });
  let used = 0;
  return {
    fresh() {
      const database = proxy.env[`DB${used}`];
      if (database === undefined) throw new Error(`only ${databases} databases were asked for`);
      used += 1;
      return database;
    },
    dispose: () => proxy.dispose(),
  };
}
