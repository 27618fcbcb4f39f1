import { randomUUID } from "node:crypto";
import type { Cloudflare, RemoteDatabase } from "../../fixtures/cloudflare/fake.ts";
import type { Project } from "../project.ts";
import { cloneShop } from "./clone-shop.ts";

/** A project whose top level is production, with an environment for staging. */
export interface RemoteShop extends Project {
  readonly production: RemoteDatabase;
  readonly staging: RemoteDatabase;
}

/** `environments`: more of them, with the databases that they have. */
export function makeRemoteShop(
  cloudflare: Cloudflare,
  environments: (
    shop: Pick<RemoteShop, "production" | "staging">,
  ) => Record<string, RemoteDatabase> = () => ({}),
): RemoteShop {
  const project = cloneShop();
  const create = (name: string): RemoteDatabase => {
    const id = randomUUID();
    return cloudflare.createDatabase({ id, name: `${name}-${id.slice(0, 8)}` });
  };
  const shop = { production: create("shop"), staging: create("shop-staging") };
  const bound = ({ id, name }: RemoteDatabase): object => ({
    d1_databases: [{ binding: "DB", database_name: name, database_id: id }],
  });
  const env = Object.entries({ staging: shop.staging, ...environments(shop) });
  project.write(
    "wrangler.jsonc",
    JSON.stringify({
      name: "shop",
      compatibility_date: "2025-06-01",
      ...bound(shop.production),
      env: Object.fromEntries(env.map(([name, database]) => [name, bound(database)])),
    }),
  );
  return { ...project, ...shop };
}

export function edit(database: RemoteDatabase, sql: string): void {
  const db = database.open();
  db.exec(sql);
  db.close();
}

export function all(database: RemoteDatabase, sql: string): unknown {
  const db = database.open();
  try {
    return db.prepare(sql).all();
  } finally {
    db.close();
  }
}
