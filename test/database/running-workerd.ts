import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { getPlatformProxy } from "wrangler";
import type { D1Database } from "../../src/database/port.ts";

process.env["CLOUDFLARE_CF_FETCH_ENABLED"] = "false"; // No call to the network.

const running: (() => Promise<void>)[] = [];

/** For `afterEach`. */
export async function stopWorkerds(): Promise<void> {
  await Promise.all(running.splice(0).map((stop) => stop()));
}

export interface Binding extends D1Database {
  withSession(): Binding & { getBookmark(): string | null };
}

/** The binding of a real workerd, and the file of its database, which has an empty table `t`. */
export async function startWorkerd(folder: string): Promise<{ binding: Binding; file: string }> {
  const configPath = join(folder, "wrangler.json");
  const database = { binding: "DB", database_name: "example", database_id: "example" };
  writeFileSync(
    configPath,
    JSON.stringify({
      name: "example",
      compatibility_date: "2026-10-01",
      d1_databases: [database],
    }),
  );
  const { env, dispose } = await getPlatformProxy<{ DB: Binding }>({
    configPath,
    persist: { path: join(folder, "state") },
    envFiles: [],
  });
  running.push(dispose);
  await env.DB.prepare("CREATE TABLE t(a)").run();
  const states = join(folder, "state", "d1", "miniflare-D1DatabaseObject");
  const name = readdirSync(states).find(
    (file) => file.endsWith(".sqlite") && file !== "metadata.sqlite",
  );
  return { binding: env.DB, file: join(states, name ?? "") };
}
