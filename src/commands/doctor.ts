/**
 * `doctor`: checks the environment of d1ops, shows the source of each value, and suggests what to type. Only reads.
 * @module
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { databaseName } from "../config/database-settings.ts";
import { count } from "../report/wording.ts";
import type { Check, Report } from "../report/report.ts";
import { optionsOf } from "../options/check-options.ts";
import { atDatabase } from "../project/command-line.ts";
import { PROJECT, type ProjectOptions } from "../project/project-options.ts";
import { examineFiles, examineLocalDatabase } from "./doctor/examine-local.ts";
import { examineRemote } from "./doctor/examine-remote.ts";
import { examine, type Examination } from "./doctor/examine.ts";
import { localStateFindings } from "../project/local-state.ts";
import { targetOf } from "../project/open-database.ts";
import { type AnyProject, type ProjectBody, withDatabases } from "../project/project.ts";

const readOptions = optionsOf<ProjectOptions>("doctor", PROJECT);

/** Returns outcome `problems` (exit 1) if a check fails. */
export async function doctor(given: ProjectOptions = {}): Promise<Report> {
  const found: Examination = { checks: [nodeCheck()], findings: [] };
  return withDatabases(
    "doctor",
    readOptions(given),
    async (project) => {
      const { configPath, projectPath, knownEnvironments, env, section } = project.settings;
      await examine(found, "config.readable", CONFIG, async () => ({
        value: configPath,
        measured: configPath,
        evidence: { environments: [...knownEnvironments], env, section },
      }));
      found.checks.push(wranglerCheck(projectPath));
      await examineDatabases(found, project);
      return body(found, project);
    },
    async (error) => {
      const expected = error.code.startsWith("DATABASE_") ? "a D1 database in the config" : CONFIG;
      await examine(found, "config.readable", expected, async () => {
        throw error;
      });
      return body(found, null);
    },
  );
}

const CONFIG = "a wrangler config";

function body(found: Examination, project: AnyProject | null): ProjectBody {
  const databases = project?.settings.databases ?? [];
  const [only] = databases;
  const target =
    project === null || only === undefined || databases.length > 1
      ? null
      : targetOf(project.settings, only, project.place);
  const failed = found.checks.filter(({ outcome }) => outcome === "fail").length;
  return {
    target,
    outcome: failed > 0 ? "problems" : "ok",
    summary:
      failed === 0
        ? `${found.checks.length} checks, ${verdict(found)}`
        : `${failed} of ${found.checks.length} checks failed`,
    ...found,
    data: {
      database: target?.database ?? null,
      databases: databases.map(databaseName),
    },
  };
}

/** The summary if no check failed. */
function verdict({ checks, findings }: Examination): string {
  const checksWith = (wanted: string): number =>
    checks.filter(({ outcome }) => outcome === wanted).length;
  const warned = checksWith("warn") + findings.filter(({ level }) => level === "warning").length;
  const unchecked = checksWith("not-checked");
  if (warned + unchecked === 0) return "all passed";
  return [
    ...(warned === 0 ? [] : [count(warned, "warning")]),
    ...(unchecked === 0 ? [] : [`${unchecked} not checked`]),
  ].join(", ");
}

/** Examines the databases that `--db` selects. If there are several, each check and finding names its database. */
async function examineDatabases(found: Examination, project: AnyProject): Promise<void> {
  const { databases } = project.settings;
  const examineDatabase = await project.byPlace({
    local: async () => examineLocalDatabase,
    remote: async () => examineRemote(found, project),
  })();
  for (const database of databases) {
    const own: Examination = { checks: [], findings: [] };
    await examineFiles(own, project.settings, database);
    await examineDatabase?.(own, project.settings, database);
    own.findings.push(...localStateFindings(project, database, "all"));
    const { binding } = database;
    const several = databases.length > 1;
    found.checks.push(
      ...own.checks.map((one) => (several ? { ...one, id: `${binding}/${one.id}` } : one)),
    );
    found.findings.push(
      ...own.findings.map((one) =>
        several
          ? {
              ...one,
              message: `${binding}: ${one.message}`,
              ...(one.help !== undefined && { help: atDatabase(one.help, binding) }),
            }
          : one,
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

/** Checks the wrangler of the project, which the team uses together with d1ops. */
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
