/**
 * Where onboarding is tried out: databases with the migrations, a clock that stands until it is moved, ids that come in order.
 * @module
 */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openLegacyDatabase } from "../../fixtures/legacy/build.ts";
import { migrations } from "../../fixtures/legacy/load.ts";
import { openLocal } from "../../src/database/local.ts";
import { openMemory } from "../../src/database/memory.ts";
import type { D1Database } from "../../src/database/port.ts";
import type { Ports } from "../../src/onboarding/ports.ts";
import { target } from "../database/folder.ts";

/** The platform's own, in the fixtures. */
export const RESERVED = "+33199000000";

export interface Clock {
  now(): Date;
  /** Seconds. */
  pass(seconds: number): void;
}

export function clockAt(start = "2026-03-01T08:00:00.000Z"): Clock {
  let at = Date.parse(start);
  return {
    now: () => new Date(at),
    pass(seconds) {
      at += seconds * 1000;
    },
  };
}

/** Ids that nobody could take for random: `…0001`. `stream` tells those of two ports apart. */
export function portsOver(d1: D1Database, clock: Clock = clockAt(), stream = 0): Ports {
  let last = 0;
  return {
    d1,
    now: () => clock.now(),
    random: (size) => `${stream}${String((last += 1)).padStart(size * 2 - 1, "0")}`,
  };
}

export async function migrate(d1: D1Database): Promise<void> {
  for (const { sql } of migrations()) await d1.prepare(sql).run();
}

export interface Opened {
  readonly d1: D1Database;
  close(): void;
}

export async function emptyMemory(): Promise<Opened> {
  const database = openMemory();
  await migrate(database.d1);
  return database;
}

/** A folder; in memory where the system has such a one, for what is thrown away needs no disk. */
export function folderIn(): string {
  return mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "onboarding-"));
}

/** A local database with all that three months of real use have left, and all migrations; a new copy each time. */
export function legacyFiles(): { open(): Opened & { readonly path: string }; remove(): void } {
  const folder = folderIn();
  const template = join(folder, "template.sqlite");
  const database = openLegacyDatabase(template, { upTo: "0005" });
  for (const { name, sql } of migrations()) if (name >= "0006") database.exec(sql);
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
  let files = 0;
  return {
    open() {
      files += 1;
      const path = join(folder, `${files}.sqlite`);
      copyFileSync(template, path);
      const { d1, close } = openLocal(path, target, { mode: "write" });
      return { d1, close, path };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A new local file with all migrations. */
export function emptyFile(folder: string, name = "empty"): string {
  const path = join(folder, `${name}.sqlite`);
  const db = new DatabaseSync(path, { enableDoubleQuotedStringLiterals: true });
  db.exec("PRAGMA journal_mode = WAL");
  for (const { sql } of migrations()) db.exec(sql);
  db.close();
  return path;
}
