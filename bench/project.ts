/** @module A new Workers project for every run, and the check of its database after the run. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { localDatabasePath } from "../src/config/local-file.ts";
import { requireContents, type Ledger } from "./contents.ts";
import type { Folder } from "./folders.ts";

interface ProjectDatabase {
  readonly name: string;
  readonly id: string;
  /** A migrations folder other than the project's default. */
  readonly migrationsDir?: string;
}

export const SHOP: ProjectDatabase = {
  name: "shop-db",
  id: "11111111-2222-3333-4444-555555555555",
};

export interface Project {
  readonly dir: string;
  /** The database that `wrangler dev` would use. */
  readonly stateFile: string;
  /** The database file of the floor. */
  readonly floorFile: string;
  readonly remove: () => void;
}

export function makeProject({ files }: Folder, database = SHOP): Project {
  const dir = mkdtempSync(join(tmpdir(), "d1ops-bench-"));
  const config = {
    name: "shop",
    compatibility_date: "2025-06-01",
    d1_databases: [
      {
        binding: "DB",
        database_name: database.name,
        database_id: database.id,
        migrations_dir: database.migrationsDir,
      },
    ],
  };
  writeFileSync(join(dir, "wrangler.jsonc"), JSON.stringify(config));
  mkdirSync(join(dir, "migrations"));
  for (const { name, text } of files) writeFileSync(join(dir, "migrations", name), text);
  const stateFile = localDatabasePath(join(dir, ".wrangler/state"), database.id);
  const floorFile = join(dirname(stateFile), "floor.sqlite");
  mkdirSync(dirname(floorFile), { recursive: true });
  writeFileSync(join(dir, "floor.sql"), floorScript(files.map(({ name }) => name)));
  return { dir, stateFile, floorFile, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

/** The least work: the same statements, one durable transaction per file, no ledger, no checks. */
function floorScript(names: readonly string[]): string {
  const setup = [
    "PRAGMA journal_mode = WAL;",
    "PRAGMA synchronous = FULL;",
    "PRAGMA foreign_keys = ON;",
  ];
  const each = names.map((name) => `BEGIN IMMEDIATE;\n.read migrations/${name}\nCOMMIT;`);
  return `${[...setup, ...each].join("\n")}\n`;
}

/** Throws if the file lacks anything of the folder or is not in WAL mode. */
export function checkDatabase(path: string, folder: Folder, ledger: Ledger): void {
  const db = new DatabaseSync(path, { readOnly: true });
  const column = (sql: string): string[] =>
    db
      .prepare(sql)
      .all()
      .map((row) => String(Object.values(row)[0]));
  try {
    const counts = folder.expected.tables.map((table) => column(`SELECT count(*) FROM "${table}"`));
    const contents = {
      objects: column("SELECT name FROM sqlite_schema"),
      rows: counts.reduce((sum, [count]) => sum + Number(count), 0),
      recorded:
        ledger === "with ledger" ? column("SELECT name FROM d1_migrations ORDER BY id") : null,
    };
    requireContents(contents, folder);
    if (column("PRAGMA journal_mode")[0] !== "wal") throw new Error("the file is not in WAL mode");
  } finally {
    db.close();
  }
}
