/**
 * `doctor`: what of the surroundings is wrong, where each value came from, and what to type. Reads only.
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Settings } from "../config/settings.ts";
import { openLocal } from "../database/local.ts";
import { readLedger } from "../migrations/ledger.ts";
import type { Check, Report, Target } from "../report/report.ts";
import { optionsOf } from "../options/read.ts";
import { report, start } from "./envelope.ts";
import { readFolder } from "./folder.ts";
import { PROJECT, type ProjectOptions } from "./options.ts";
import { examineRemote, isPlaceholder } from "./doctor-remote.ts";
import { examine, type Examination } from "./examine.ts";
import { findSettings, localPath, targetOf } from "./project.ts";
import { runVerb } from "./run-verb.ts";

const readOptions = optionsOf<ProjectOptions>("doctor", PROJECT);

/** Outcome `problems` (exit 1) where a check fails. */
export async function doctor(given: ProjectOptions = {}): Promise<Report> {
  return runVerb("doctor", readOptions(given), look);
}

async function look(options: ProjectOptions): Promise<Report> {
  const started = start();
  const found: Examination = { checks: [nodeCheck()], findings: [] };
  const settings = await examine(found, "config.readable", "a wrangler config", async () => {
    const read = await findSettings(options);
    return {
      value: read,
      measured: read.configPath,
      evidence: {
        environments: [...read.knownEnvironments],
        env: read.env,
        section: read.section,
      },
    };
  });
  let target: Target | null = null;
  if (settings !== null) {
    target = targetOf(settings, settings.database, options);
    found.checks.push(wranglerCheck(settings.projectPath));
    await examineFiles(found, settings);
    if (options.place === "remote") await examineRemote(found, settings, options);
    else await examineDatabase(found, settings, target);
  }
  const failed = found.checks.filter(({ outcome }) => outcome === "fail").length;
  const warned = found.checks.filter(({ outcome }) => outcome === "warn").length;
  return report("doctor", target, started, {
    outcome: failed > 0 ? "problems" : "ok",
    summary:
      failed === 0
        ? `${found.checks.length} checks, ${warned === 0 ? "all well" : `${warned} to look at`}`
        : `${failed} of ${found.checks.length} checks failed`,
    ...found,
    data: { database: target?.database ?? null },
  });
}

/** What does not depend on where the database is. */
async function examineFiles(found: Examination, settings: Settings): Promise<void> {
  const { database } = settings;
  found.checks.push({
    id: "database.id",
    outcome: isPlaceholder(database.id) ? "warn" : "pass",
    measured: database.id,
    expected: "the id of a database at Cloudflare",
    evidence: { source: settings.configPath, localId: database.localId },
  });
  await examine(found, "migrations.readable", "files that can be read", async () => {
    const folder = await readFolder(settings.projectPath, database);
    return {
      value: folder,
      measured: folder.length === 1 ? "1 file" : `${folder.length} files`,
      evidence: { pattern: database.migrationsPattern },
    };
  });
}

async function examineDatabase(
  found: Examination,
  settings: Settings,
  target: Target,
): Promise<void> {
  const { database } = settings;
  const path = localPath(settings, database);
  if (!existsSync(path)) {
    found.checks.push({
      id: "database.readable",
      outcome: "not-checked",
      measured: "no file yet",
      expected: "ok",
      evidence: { path },
    });
    return;
  }
  await examine(found, "database.readable", "ok", async () => {
    const open = openLocal(path, target, { mode: "read" });
    try {
      const quick = await open.d1.prepare("PRAGMA quick_check").first<string>("quick_check");
      const broken = await open.d1
        .prepare("SELECT count(*) AS n FROM pragma_foreign_key_check")
        .first<number>("n");
      found.checks.push({
        id: "database.foreign-keys",
        outcome: broken === 0 ? "pass" : "warn",
        measured: broken === 1 ? "1 broken reference" : `${broken ?? 0} broken references`,
        expected: "0 broken references",
        evidence: { path },
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

function nodeCheck(): Check {
  return {
    id: "node.version",
    outcome: "pass",
    measured: process.versions.node,
    expected: ">=24.10",
    evidence: { path: process.execPath },
  };
}

/** The project's own wrangler: it is what the team runs beside us. */
function wranglerCheck(projectPath: string): Check {
  const expected = ">=4";
  try {
    const manifest = createRequire(join(projectPath, "package.json")).resolve(
      "wrangler/package.json",
    );
    const parsed: unknown = JSON.parse(readFileSync(manifest, "utf8"));
    const version =
      typeof parsed === "object" && parsed !== null && "version" in parsed
        ? String(parsed.version)
        : "unknown";
    return {
      id: "wrangler.version",
      outcome: Number.parseInt(version, 10) >= 4 ? "pass" : "warn",
      measured: version,
      expected,
      evidence: { path: manifest },
    };
  } catch {
    return {
      id: "wrangler.version",
      outcome: "warn",
      measured: "not installed in the project",
      expected,
      evidence: { searchedFrom: projectPath },
    };
  }
}
