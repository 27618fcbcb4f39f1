/** @module The report of the comparison of a database with its applied migrations. */
import type { Check, Finding } from "../report/report.ts";
import { count } from "../report/wording.ts";
import type { Difference } from "../schema/compare.ts";
import { compareWithLedger } from "./comparison.ts";
import { driftHelp, filesNotAsApplied } from "./drift-help.ts";
import { failureFinding } from "./failure-finding.ts";
import { unreadableFindings } from "./findings.ts";
import type { Problem } from "./plan.ts";
import { type VerifyRequest, verifySchema } from "./verify.ts";

export interface VerificationReport {
  readonly check: Check;
  readonly findings: readonly Finding[];
  readonly differences: readonly Difference[];
}

export const NOT_CHECKED = {
  id: "schema.matches",
  outcome: "not-checked",
  measured: null,
  expected: "0 differences",
  evidence: {},
} as const;

/** Replays, compares and builds the findings, for `verify` and for the end of every apply. */
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
          message: `The applied migrations cannot be replayed on an empty database: ${failure.message}`,
          help: "Check whether the database has tables that no migration creates, or whether a file was edited. The expected schema is unknown then.",
        },
      ],
      differences: [],
    };
  }
  const { differences, objects } = result;
  return {
    check: {
      ...NOT_CHECKED,
      outcome: differences.length === 0 ? "pass" : level === "error" ? "fail" : "warn",
      measured: count(differences.length, "difference"),
      evidence: { ...evidence, objects },
    },
    findings: driftFindings(request, differences, level),
    differences,
  };
}

function driftFindings(
  { folder, applied, table }: VerifyRequest,
  differences: readonly Difference[],
  level: "error" | "warning",
): Finding[] {
  if (differences.length === 0) return [];
  const files = filesNotAsApplied(compareWithLedger(folder, applied));
  return differences.map((difference) => ({
    ...driftFinding(difference, level),
    help: driftHelp(difference, files, table),
  }));
}

function driftFinding(difference: Difference, level: "error" | "warning"): Finding {
  const { kind, object, name, left, right } = difference;
  const thing = `${object} ${name}`;
  const ofTable = object === "table" || object === "column";
  const message = {
    missing: `${thing} is missing: the migrations create it${left === null ? "" : ` (${left})`}, but the database does not have it.`,
    extra: `${thing} is extra: the database has it${right === null ? "" : ` (${right})`}, but no applied migration creates it.`,
    changed: `${thing} differs: the migrations create ${left ?? "nothing"}, the database has ${right ?? "nothing"}.`,
  }[kind];
  return {
    rule: "drift",
    level,
    message,
    ...(ofTable && { table: name.split(".")[0] ?? name }),
    data: { ...difference },
  };
}

const DEVIATIONS: Partial<Readonly<Record<Problem["kind"], string>>> = {
  changed: "edited",
  missing: "without a file",
  renamed: "renamed",
};

/** Counts the applied files that differ from what was applied: `1 edited, 2 without a file`. */
function deviations(problems: readonly Problem[]): string {
  const parts = Object.entries(DEVIATIONS).flatMap(([kind, word]) => {
    const found = problems.filter((problem) => problem.kind === kind).length;
    return found === 0 ? [] : [`${found} ${word}`];
  });
  return parts.join(", ");
}

/** A check of its own, because the schema may be equal although a file was edited. */
export function filesCheck(problems: readonly Problem[]): Check {
  return {
    id: "files.unchanged",
    outcome: problems.length === 0 ? "pass" : "fail",
    measured: problems.length === 0 ? "0 changed" : deviations(problems),
    expected: "0 changed",
    evidence: {},
  };
}

export function verifySummary(
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
  if (check.outcome === "not-checked") return "Not checked: the files cannot be replayed";
  const migrations = count(applied, "applied migration");
  return differences === 0
    ? `The schema matches ${migrations}`
    : `${count(differences, "difference")} from ${migrations}`;
}
