import { randomUUID } from "node:crypto";
import type { Cloudflare, RemoteDatabase } from "../../fixtures/cloudflare/fake.ts";
import type { Clock } from "../../src/failure/clock.ts";
import { heldLimits, type HeldLimits } from "../held-limits.ts";
import { makeProject, pad, type Project } from "../project.ts";

/** A Workers project whose database is at a fake Cloudflare. */
export interface RemoteProject extends Project {
  readonly database: RemoteDatabase;
  /** Creates a new, empty database and writes its id to the config. */
  renew(): RemoteDatabase;
}

export function makeRemoteProject(
  cloudflare: Cloudflare,
  files: Readonly<Record<string, string>> = {},
): RemoteProject {
  const project = makeProject(files);
  let database = create(cloudflare);
  const configure = (): void =>
    project.write(
      "wrangler.jsonc",
      JSON.stringify({
        name: "shop",
        compatibility_date: "2025-06-01",
        d1_databases: [{ binding: "DB", database_name: database.name, database_id: database.id }],
      }),
    );
  configure();
  return {
    ...project,
    get database() {
      return database;
    },
    renew() {
      database = create(cloudflare);
      configure();
      return database;
    },
  };
}

function create(cloudflare: Cloudflare): RemoteDatabase {
  const id = randomUUID();
  return cloudflare.createDatabase({ id, name: `shop-${id.slice(0, 8)}` });
}

/** Migrations that detect a second run: each creates a table and increases a counter. */
export function countingMigrations(count: number): Record<string, string> {
  const files: Record<string, string> = {};
  for (let n = 1; n <= count; n += 1) {
    const first =
      n === 1 ? "CREATE TABLE counter(n INTEGER);\nINSERT INTO counter VALUES (0);\n" : "";
    files[`migrations/${pad(n)}_step.sql`] =
      `${first}CREATE TABLE t${n}(a INTEGER PRIMARY KEY, b TEXT);\nUPDATE counter SET n = n + 1;\nINSERT INTO t${n}(b) VALUES ('row of ${n}');\n`;
  }
  return files;
}

/** The contents of a database that migrations can change. Equal for two runs with the same effect. */
export function contentsOf(database: RemoteDatabase): unknown {
  const db = database.open();
  try {
    const has = (name: string): boolean =>
      db.prepare("SELECT 1 FROM sqlite_schema WHERE name = ?").get(name) !== undefined;
    return {
      counter: has("counter") ? db.prepare("SELECT n FROM counter").get()?.["n"] : null,
      ledger: has("d1_migrations")
        ? db.prepare("SELECT id, name FROM d1_migrations ORDER BY id").all()
        : [],
      records: has("d1ops_migrations")
        ? db.prepare("SELECT ledger, name, checksum, rows_written FROM d1ops_migrations").all()
        : [],
      held: has("d1ops_runs")
        ? db
            .prepare(
              "SELECT count(*) AS n FROM d1ops_runs WHERE ended_at IS NULL AND expires_at > strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
            )
            .get()?.["n"]
        : 0,
      schema: db
        .prepare(
          "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE '\\_cf%' ESCAPE '\\' ORDER BY 1, 2",
        )
        .all(),
    };
  } finally {
    db.close();
  }
}

/**
 * A clock that does not wait: each sleep only advances its time. Time limits end when a test calls `expire()`. Everything that
 * is measured takes as long as over a network.
 */
export function impatientClock(): Clock & HeldLimits {
  let slept = 0;
  return {
    ...heldLimits(),
    now: () => performance.now() + (slept += 30),
    sleep: async (ms) => {
      slept += ms;
    },
    random: () => 0.5,
  };
}
