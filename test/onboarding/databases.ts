/** @module Databases with the migrations, a clock that the test moves, and ids in ascending order. */
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

/** The platform's own number in the fixtures. */
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

/** Ids such as `…0001`. Ports with different `stream` numbers create different ids. */
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

/** A temporary folder, in memory if the system has a file system there. */
export function folderIn(): string {
  return mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "onboarding-"));
}

/** Copies of a local database with the rows of three months of real use, and all migrations. */
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
