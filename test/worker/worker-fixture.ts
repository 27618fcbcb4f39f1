import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { openMemory } from "../../src/database/memory.ts";
import type { D1Database } from "../../src/database/port.ts";
import { cryptoRandom } from "../../src/onboarding/ports.ts";
import { replay } from "../../src/schema/replay.ts";
import { split } from "../../src/sql/split.ts";
import { createApp } from "../../src/worker/app.ts";
import { readWorkerEnv } from "../../src/worker/worker-env.ts";
import type { LogEntry } from "../../src/worker/request-log.ts";
import { ROOT } from "../project.ts";
import { type Ask, makeAsk, KEYS } from "./client.ts";

export const MIGRATIONS: readonly string[] = readdirSync(join(ROOT, "migrations"))
  .filter((name) => name.endsWith(".sql"))
  .sort();

/** The Worker in this process, with a database in memory. */
export interface WorkerFixture {
  readonly ask: Ask;
  readonly d1: D1Database;
  readonly notes: LogEntry[];
  /** Milliseconds. */
  later(ms: number): void;
}

export interface Setting {
  /** Added to the default settings, or instead of them. */
  readonly env?: Readonly<Record<string, unknown>>;
  /** Wraps the database of the app. */
  readonly around?: (d1: D1Database) => D1Database;
}

export async function openWorkerFixture({
  env = {},
  around = (d1) => d1,
}: Setting = {}): Promise<WorkerFixture> {
  const { d1, close } = openMemory();
  onTestFinished(() => close());
  await migrate(d1);
  let clock = Date.parse("2026-06-01T12:00:00.000Z");
  const notes: LogEntry[] = [];
  const app = createApp({
    env: readWorkerEnv({ DB: around(d1), ONBOARDING_KEYS: KEYS, ...env }),
    now: () => new Date(clock),
    random: cryptoRandom,
    log: (note) => notes.push(note),
  });
  return {
    ask: makeAsk(async (request) => app.fetch(request)),
    d1,
    notes,
    later: (ms) => (clock += ms),
  };
}

/** Applies the migrations and fills wrangler's ledger. */
export async function migrate(d1: D1Database, names = MIGRATIONS): Promise<void> {
  const replayed = await replay(
    d1,
    names.map((name) => ({
      name,
      statements: split(readFileSync(join(ROOT, "migrations", name), "utf8")).map(
        ({ text }) => text,
      ),
    })),
  );
  if (!replayed.ok) throw new Error(`${replayed.name}: ${replayed.message}`);
  await d1.prepare("CREATE TABLE d1_migrations(id INTEGER PRIMARY KEY, name TEXT UNIQUE)").run();
  for (const name of names)
    await d1.prepare("INSERT INTO d1_migrations(name) VALUES (?)").bind(name).run();
}

/** Every row of every table, to compare before and after. */
export async function everythingIn(d1: D1Database): Promise<unknown> {
  const names = await d1
    .prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    )
    .all<{ name: string }>();
  const all = await d1.batch(
    names.results.map(({ name }) => d1.prepare(`SELECT * FROM "${name}" ORDER BY rowid`)),
  );
  return all.map(({ results }) => results);
}
