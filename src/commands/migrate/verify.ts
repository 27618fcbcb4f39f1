/**
 * `migrate verify`: is the schema of the database the one that its applied migrations make? Reads only.
 * @module
 */
import { openMemory } from "../../database/memory.ts";
import { openNameCheck } from "../../database/name-check.ts";
import {
  acceptedFindings,
  failureFinding,
  problemFinding,
  unreadableFindings,
} from "../../migrations/findings.ts";
import { readLedger } from "../../migrations/ledger.ts";
import { planMigrations, type Problem } from "../../migrations/plan.ts";
import { compareWithLedger } from "../../migrations/standing.ts";
import { appliedTextNames } from "../../migrations/text-names.ts";
import { type VerifyRequest, verifySchema } from "../../migrations/verify.ts";
import type { Check, Finding, Report } from "../../report/report.ts";
import type { Difference } from "../../schema/compare.ts";
import { optionsOf } from "../../options/read.ts";
import { readFolder } from "../../project/folder.ts";
import { PROJECT, type ProjectOptions } from "../../project/options.ts";
import { openDatabase } from "../../project/open.ts";
import { withProject } from "../../project/project.ts";

const readOptions = optionsOf<ProjectOptions>("migrateVerify", PROJECT);

/** Outcome `problems` (exit 1) on any difference, and where the files cannot tell. */
export async function migrateVerify(given: ProjectOptions = {}): Promise<Report> {
  return withProject("migrate verify", readOptions(given), {}, async (project) => {
    const { settings } = project;
    const table = settings.database.migrationsTable;
    const folder = await readFolder(settings.projectPath, settings.database);
    const { d1 } = await openDatabase(project, "read");
    const applied = await readLedger(d1, table);
    const standing = compareWithLedger(folder, applied);
    // A pending file has no part in what the database should be; one that is late or new is `status`'s business.
    const { problems } = planMigrations(
      { standing: { ...standing, pending: [], outOfOrder: [] }, to: null, allow: new Set() },
      folder,
    );
    const { check, findings, differences } = await verification(
      { d1, table, folder, applied, openMemory },
      "error",
    );
    const names = new Map(folder.map((migration) => [migration.name, migration]));
    const files = applied.flatMap(({ name }) => names.get(name) ?? []);
    const bad = check.outcome !== "pass" || problems.length > 0;
    return {
      outcome: bad ? "problems" : "ok",
      summary: summary(check, differences.length, applied.length, problems),
      findings: [
        ...problems.map((problem) => problemFinding(problem, false)),
        ...acceptedFindings(standing),
        ...unreadableFindings(folder, standing),
        ...findings,
        ...appliedTextNames(files, openNameCheck),
      ],
      checks: [filesCheck(problems), check],
      data: { differences: differences.map((difference) => ({ ...difference })) },
    };
  });
}

export interface VerificationReport {
  readonly check: Check;
  readonly findings: readonly Finding[];
  readonly differences: readonly Difference[];
}

const NOT_CHECKED = {
  id: "schema.matches",
  outcome: "not-checked",
  measured: null,
  expected: "0 differences",
} as const;

/** Replays, compares, and says so: for `verify` itself, and for the end of every apply. */
export async function verification(
  request: VerifyRequest,
  level: "error" | "warning",
): Promise<VerificationReport> {
  const evidence = { replayed: request.applied.map(({ name }) => name) };
  const unreadable = unreadableFindings(request.folder, request);
  if (unreadable.length > 0) {
    const check = {
      ...NOT_CHECKED,
      evidence: { unreadable: unreadable.map(({ file = "" }) => file) },
    };
    return { check, findings: level === "error" ? [] : unreadable, differences: [] };
  }
  const result = await verifySchema(request);
  if (result.outcome === "not replayed") {
    const { migration, index, place, message } = result;
    const failure = failureFinding(migration, { kind: "statement", message, index, place });
    return {
      check: { ...NOT_CHECKED, evidence },
      findings: [
        {
          ...failure,
          rule: "replay-failed",
          level,
          message: `The applied migrations cannot be replayed from nothing: ${failure.message}`,
          help: "Does the database have tables that no migration makes, or was a file edited? Then the files do not tell what its schema should be.",
        },
      ],
      differences: [],
    };
  }
  const { differences, objects } = result;
  return {
    check: {
      id: "schema.matches",
      outcome: differences.length === 0 ? "pass" : level === "error" ? "fail" : "warn",
      measured: count(differences.length),
      expected: count(0),
      evidence: { ...evidence, objects },
    },
    findings: differences.map((difference) => driftFinding(difference, level)),
    differences,
  };
}

function driftFinding(difference: Difference, level: "error" | "warning"): Finding {
  const { kind, object, name, left, right } = difference;
  const thing = `${object} ${name}`;
  const ofTable = object === "table" || object === "column";
  const message = {
    missing: `${thing} is missing: the migrations make it${left === null ? "" : ` (${left})`}, the database does not have it.`,
    extra: `${thing} is extra: the database has it${right === null ? "" : ` (${right})`}, no applied migration makes it.`,
    changed: `${thing} differs: the migrations say ${left ?? "nothing"}, the database has ${right ?? "nothing"}.`,
  }[kind];
  return {
    rule: "drift",
    level,
    message,
    ...(ofTable && { table: name.split(".")[0] ?? name }),
    data: { ...difference },
  };
}

function count(differences: number): string {
  return differences === 1 ? "1 difference" : `${differences} differences`;
}

const DEVIATIONS: Partial<Readonly<Record<Problem["kind"], string>>> = {
  changed: "edited",
  missing: "without a file",
  renamed: "renamed",
};

/** How many applied files are not what was applied: `1 edited, 2 without a file`. */
function deviations(problems: readonly Problem[]): string {
  const parts = Object.entries(DEVIATIONS).flatMap(([kind, word]) => {
    const found = problems.filter((problem) => problem.kind === kind).length;
    return found === 0 ? [] : [`${found} ${word}`];
  });
  return parts.join(", ");
}

/** Apart from the schema: it may be the same although a file was edited. */
function filesCheck(problems: readonly Problem[]): Check {
  return {
    id: "files.unchanged",
    outcome: problems.length === 0 ? "pass" : "fail",
    measured: problems.length === 0 ? "0 changed" : deviations(problems),
    expected: "0 changed",
    evidence: {},
  };
}

function summary(
  check: Check,
  differences: number,
  applied: number,
  problems: readonly Problem[],
): string {
  const schema = schemaSummary(check, differences, applied);
  if (problems.length === 0) return schema;
  return `Applied files: ${deviations(problems)}; ${schema.charAt(0).toLowerCase()}${schema.slice(1)}`;
}

function schemaSummary(check: Check, differences: number, applied: number): string {
  const made = applied === 1 ? "1 applied migration makes" : `${applied} applied migrations make`;
  if (check.outcome === "not-checked") return "Not checked: the files cannot be replayed";
  return differences === 0
    ? `The schema is what ${made}`
    : `${count(differences)} from what ${made}`;
}
