/**
 * `doctor`: what of the surroundings is wrong, where each value came from, and what to type. Reads only.
 * @module
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { ProjectSettings } from "../config/settings.ts";
import type { Check, Report } from "../report/report.ts";
import { optionsOf } from "../options/read.ts";
import { report, start } from "../project/envelope.ts";
import { PROJECT, type ProjectOptions } from "../project/options.ts";
import { examineFiles, examineLocalDatabase } from "./doctor/local.ts";
import { examineCloudflare, examineRemoteDatabase } from "./doctor/remote.ts";
import { examine, type Examination } from "./doctor/examine.ts";
import { localStateFindings } from "../project/local-state.ts";
import { findProjectSettings, targetOf } from "../project/open.ts";
import { runVerb } from "../project/run-verb.ts";

const readOptions = optionsOf<ProjectOptions>("doctor", PROJECT);

/** Outcome `problems` (exit 1) where a check fails. */
export async function doctor(given: ProjectOptions = {}): Promise<Report> {
  return runVerb("doctor", readOptions(given), look);
}

async function look(options: ProjectOptions): Promise<Report> {
  const started = start();
  const found: Examination = { checks: [nodeCheck()], findings: [] };
  const settings = await examine(found, "config.readable", "a wrangler config", async () => {
    const read = await findProjectSettings(options);
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
  const databases = settings?.databases ?? [];
  if (settings !== null) {
    found.checks.push(wranglerCheck(settings.projectPath));
    await examineDatabases(found, settings, options);
  }
  const [only] = databases;
  const target =
    settings === null || only === undefined || databases.length > 1
      ? null
      : targetOf(settings, only, options);
  const failed = found.checks.filter(({ outcome }) => outcome === "fail").length;
  return report("doctor", target, started, {
    outcome: failed > 0 ? "problems" : "ok",
    summary:
      failed === 0
        ? `${found.checks.length} checks, ${verdict(found)}`
        : `${failed} of ${found.checks.length} checks failed`,
    ...found,
    data: {
      database: target?.database ?? null,
      databases: databases.map(({ name, binding }) => name ?? binding),
    },
  });
}

/** Where no check failed. */
function verdict({ checks, findings }: Examination): string {
  const count = (wanted: string): number =>
    checks.filter(({ outcome }) => outcome === wanted).length;
  const warned = count("warn") + findings.filter(({ level }) => level === "warning").length;
  const unchecked = count("not-checked");
  if (warned + unchecked === 0) return "all well";
  return [
    ...(warned === 0 ? [] : [`${warned} to look at`]),
    ...(unchecked === 0 ? [] : [`${unchecked} not checked`]),
  ].join(", ");
}

/** All that `--db` leaves. Of several, each check and finding says which database it is about. */
async function examineDatabases(
  found: Examination,
  settings: ProjectSettings,
  options: ProjectOptions,
): Promise<void> {
  const { databases } = settings;
  const remote =
    options.place === "remote" ? await examineCloudflare(found, settings, options) : null;
  for (const database of databases) {
    const own: Examination = { checks: [], findings: [] };
    await examineFiles(own, settings, database);
    if (options.place !== "remote") await examineLocalDatabase(own, settings, database);
    else if (remote !== null) await examineRemoteDatabase(own, settings, database, remote);
    own.findings.push(...localStateFindings(settings, database, options, "all"));
    const { binding } = database;
    const several = databases.length > 1;
    found.checks.push(
      ...own.checks.map((one) => (several ? { ...one, id: `${binding}/${one.id}` } : one)),
    );
    found.findings.push(
      ...own.findings.map((one) =>
        several ? { ...one, message: `${binding}: ${one.message}` } : one,
      ),
    );
  }
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
