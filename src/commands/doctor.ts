/** @module `doctor`: checks the environment of d1ops, shows the source of each value, and suggests what to type. Only reads. */
import { databaseName } from "../config/database-settings.ts";
import { optionsOf } from "../options/check-options.ts";
import { checkAtDatabase, findingAtDatabase } from "../project/command-line.ts";
import { localStateFindings } from "../project/local-state.ts";
import { targetOfAll } from "../project/open-database.ts";
import { PROJECT, type ProjectOptions } from "../project/project-options.ts";
import { type AnyProject, type ProjectBody, withDatabases } from "../project/project.ts";
import { checksSummary, hasFailed } from "../report/checks-summary.ts";
import type { Report } from "../report/report.ts";
import { examineFiles, examineLocalDatabase } from "./doctor/examine-local.ts";
import { examineRemote } from "./doctor/examine-remote.ts";
import { provenSnapshots } from "./proven-snapshots.ts";
import { nodeCheck, wranglerCheck } from "./doctor/examine-tools.ts";
import { examine, type Examination } from "./doctor/examine.ts";

const readOptions = optionsOf<ProjectOptions>("doctor", PROJECT);

const CONFIG = "a wrangler config";

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

/** Examines the databases that `--db` selects. If there are several, each check and finding names its database. */
async function examineDatabases(found: Examination, project: AnyProject): Promise<void> {
  const { settings } = project;
  const { databases } = settings;
  const examineDatabase = await project.byPlace({
    local: async () => examineLocalDatabase,
    remote: async () => examineRemote(found, project),
  })();
  const snapshots = await provenSnapshots(project, "anywhere");
  for (const database of databases) {
    const own: Examination = { checks: [], findings: [] };
    await examineFiles(own, settings, database);
    await examineDatabase?.(own, settings, database);
    if (snapshots !== null) {
      const { find, words } = snapshots;
      own.checks.push(words.lastProvenCheck(await find(database), project.startedAt));
    }
    own.findings.push(...localStateFindings(project, database, "all"));
    const { checks, findings } = databases.length > 1 ? named(own, database.binding) : own;
    found.checks.push(...checks);
    found.findings.push(...findings);
  }
}

function named({ checks, findings }: Examination, binding: string): Examination {
  return {
    checks: checks.map((one) => checkAtDatabase({ ...one, id: `${binding}/${one.id}` }, binding)),
    findings: findings.map((one) =>
      findingAtDatabase({ ...one, message: `${binding}: ${one.message}` }, binding),
    ),
  };
}

function body(found: Examination, project: AnyProject | null): ProjectBody {
  const target = project === null ? null : targetOfAll(project);
  return {
    target,
    outcome: found.checks.some(hasFailed) ? "problems" : "ok",
    summary: checksSummary(found),
    ...found,
    data: {
      database: target?.database ?? null,
      databases: (project?.settings.databases ?? []).map(databaseName),
    },
  };
}
