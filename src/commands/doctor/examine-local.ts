/** @module The part of `doctor` that examines files: the config, the migrations, the local database and its ledger. Only reads. */
import { count } from "../../report/wording.ts";
import { existsSync } from "node:fs";
import { remoteId } from "../../config/database-settings.ts";
import type { DatabaseSettings, ProjectSettings } from "../../config/wrangler-settings.ts";
import { openLocal } from "../../database/local.ts";
import { readLedger } from "../../migrations/ledger.ts";
import { examine, type Examination } from "./examine.ts";
import { readMigrations } from "../../project/read-migrations.ts";
import { localPath, localTarget } from "../../project/open-database.ts";
import { offer } from "../../report/command.ts";

/** Examines what local and remote databases have in common. */
export async function examineFiles(
  found: Examination,
  settings: ProjectSettings,
  database: DatabaseSettings,
): Promise<void> {
  found.checks.push({
    id: "database.id",
    outcome: remoteId(database) === null ? "warn" : "pass",
    measured: database.id === null ? "none" : database.id === "" ? "empty" : database.id,
    expected: "the id of a database at Cloudflare",
    evidence: {
      source: settings.configPath,
      localId: database.localId,
      ...(remoteId(database) === null && {
        help: offer("To list the databases with their ids", "npx wrangler d1 list"),
      }),
    },
  });
  await examine(found, "migrations.readable", "readable files", async () => {
    const folder = await readMigrations(settings.projectPath, database);
    return {
      value: folder,
      measured: count(folder.length, "file"),
      evidence: { pattern: database.migrationsPattern },
    };
  });
}

export async function examineLocalDatabase(
  found: Examination,
  settings: ProjectSettings,
  database: DatabaseSettings,
): Promise<void> {
  const target = localTarget(settings, database);
  const path = localPath(settings, database);
  if (!existsSync(path)) {
    found.checks.push({
      id: "database.readable",
      outcome: "not-checked",
      measured: "no local database yet",
      expected: "ok",
      evidence: { path },
    });
    return;
  }
  await examine(found, "database.readable", "ok", async () => {
    const open = openLocal(path, target, { mode: "read" });
    try {
      const quick = await open.d1.prepare("PRAGMA quick_check").first<string>("quick_check");
      const { results: broken } = await open.d1
        .prepare(
          `SELECT "table" || ': row ' || coalesce(rowid, '?') || ' refers to no row of ' || parent AS text, count(*) OVER () AS n FROM pragma_foreign_key_check LIMIT 3`,
        )
        .all<{ text: string; n: number }>();
      const [first] = broken;
      found.checks.push({
        id: "database.foreign-keys",
        outcome: first === undefined ? "pass" : "warn",
        measured: count(first?.n ?? 0, "broken reference"),
        expected: "0 broken references",
        evidence: {
          path,
          ...(first !== undefined && {
            help: `${broken.map(({ text }) => text).join("; ")}\nInsert the referenced rows, or set the references to NULL.`,
          }),
        },
      });
      const ledger = await readLedger(open.d1, database.migrationsTable);
      found.checks.push({
        id: "ledger.readable",
        outcome: "pass",
        measured: `${ledger.length} applied`,
        expected: "a ledger or none",
        evidence: { table: database.migrationsTable },
      });
      return {
        value: quick,
        measured: quick ?? "nothing",
        evidence: { path, query: "PRAGMA quick_check" },
      };
    } finally {
      open.close();
    }
  });
}
