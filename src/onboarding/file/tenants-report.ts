/**
 * What the report of `onboard run` says.
 * @module
 */
import { count as counted } from "../../report/wording.ts";
import { command } from "../../report/command.ts";
import type { OpsError } from "../../report/error.ts";
import type { Check, ExitCode, Finding, Outcome, Step } from "../../report/report.ts";
import type { Body } from "../../report/report-body.ts";
import type { TenantOutcome, TenantState } from "./send-tenants.ts";
import type { LineProblem } from "./duplicates.ts";
import type { Tenant } from "./read-tenants.ts";
import { grouped } from "../../report/grouped.ts";

export interface Ran {
  /** A dry run without a copy: the database was asked what it would refuse, and nothing was tried. */
  readonly onlyAsked?: boolean;
  /** In the order of the tenants. */
  readonly outcomes: readonly TenantOutcome[];
  /** What ended it early: Ctrl-C, too many failures, or what no tenant is at fault for. */
  readonly ending: "interrupted" | "limit" | OpsError | null;
}

/** What was typed, as far as the report repeats it. */
interface FileOptions {
  readonly file: string;
  readonly dryRun?: boolean;
}

/** The file is wrong: nothing was tried. */
export function invalidFileBody(
  file: string,
  tenants: readonly Tenant[],
  problems: readonly LineProblem[],
  count: number,
  options: FileOptions,
): Body {
  const wrong = new Map<number, LineProblem>();
  for (const problem of problems) if (!wrong.has(problem.line)) wrong.set(problem.line, problem);
  const fine = tenants.filter(({ line }) => !wrong.has(line));
  const listed = [
    ...[...wrong.values()].map(({ line, tenant, path, message }) => ({
      line,
      tenant,
      state: "failed",
      code: "ONBOARDING_INVALID",
      error: path === "" ? message : `${path}: ${message}`,
    })),
    ...fine.map(({ line, input }) => ({
      line,
      tenant: input.tenant,
      state: "not-run",
      code: null,
      error: null,
    })),
  ].sort((a, b) => a.line - b.line);
  const lines = counted(wrong.size, "line");
  return {
    outcome: "problems",
    exitCode: 2,
    summary: `${lines} of ${file} cannot be taken; no tenant was onboarded`,
    findings: problems.map((problem) => invalidFinding(file, problem)),
    data: {
      tenants: listed,
      counts: { ...NONE, tenants: count, failed: wrong.size, "not-run": fine.length },
    },
    next: [command("onboard run", options.file, ...(options.dryRun === true ? ["--dry-run"] : []))],
  };
}

function invalidFinding(file: string, problem: LineProblem): Finding {
  const { line, tenant, path, code, message } = problem;
  const what = [tenant, path].filter((part) => part !== null && part !== "").join(" ");
  return {
    rule: "invalid-tenant",
    level: "error",
    file,
    line,
    message: what === "" ? `${message}.` : `${what}: ${message}.`,
    data: { tenant, path, code },
  };
}

const NONE: Readonly<Record<TenantState, number>> = {
  onboarded: 0,
  already: 0,
  planned: 0,
  failed: 0,
  "not-run": 0,
};

export function tenantsBody(
  file: string,
  tenants: readonly Tenant[],
  { outcomes, ending, onlyAsked = false }: Ran,
  options: FileOptions,
): Body {
  const counts = { ...NONE };
  for (const { state } of outcomes) counts[state] += 1;
  const all = tenants.flatMap((tenant, i) => {
    const outcome = outcomes[i];
    return outcome === undefined ? [] : [{ ...tenant, ...outcome }];
  });
  const dry = options.dryRun === true;
  return {
    ...verdict(counts, ending, dry),
    summary: summary(counts, dry),
    steps: all.map(({ input, ...outcome }) => stepOf(input.tenant, outcome)),
    findings: [
      ...all.flatMap(({ input, line, error }) =>
        error === null
          ? []
          : [
              {
                rule: "tenant-failed",
                level: "error" as const,
                file,
                line,
                message: `${input.tenant}: ${error.message}`,
                help: error.hint,
                data: { tenant: input.tenant, code: error.code, reason: error.reason },
              },
            ],
      ),
      ...endingFindings(ending, counts["not-run"]),
      ...(all.length === 0 ? [noTenants(file)] : []),
    ],
    checks: onlyAsked ? [NOT_TRIED] : [],
    data: {
      tenants: all.map(({ input, line, state, error }) => ({
        line,
        tenant: input.tenant,
        state,
        code: error?.code ?? null,
        error: error?.message ?? null,
      })),
      counts: { tenants: all.length, ...counts },
    },
    next: again(counts, options),
  };
}

/** Nothing to do is no failure; but whoever made the file may have failed. */
function noTenants(file: string): Finding {
  return {
    rule: "no-tenants",
    level: "warning",
    file,
    message: `${file} has no tenants. If another program wrote it, check that it succeeded.`,
  };
}

/** What a question cannot tell. */
const NOT_TRIED: Check = {
  id: "onboarding.writes",
  outcome: "not-checked",
  measured: null,
  expected: "every batch goes through",
  evidence: {
    checked: "tables, keys, and whether users, numbers and addresses are somebody else's",
    notChecked:
      "the batches themselves: triggers, constraints of other tables, what others do meanwhile",
  },
};

function verdict(
  counts: Readonly<Record<TenantState, number>>,
  ending: Ran["ending"],
  dry: boolean,
): { readonly outcome: Outcome; readonly exitCode?: ExitCode } {
  if (ending === "interrupted") {
    return { outcome: counts["not-run"] > 0 ? "partial" : "changed", exitCode: 130 };
  }
  if (dry) return { outcome: counts.failed > 0 ? "problems" : "ok" };
  if (counts.failed > 0) return { outcome: counts.onboarded > 0 ? "partial" : "failed" };
  return { outcome: counts.onboarded > 0 ? "changed" : "ok" };
}

function summary(counts: Readonly<Record<TenantState, number>>, dry: boolean): string {
  const words: Readonly<Record<TenantState, string>> = {
    onboarded: "onboarded",
    already: "already",
    planned: "would be onboarded",
    failed: dry ? "would fail" : "failed",
    "not-run": "not run",
  };
  const states = ["onboarded", "planned", "already", "failed", "not-run"] as const;
  const told = states.filter((state) => counts[state] > 0);
  if (told.length === 0) return "No tenants";
  return told.map((state) => `${number(counts[state])} ${words[state]}`).join(", ");
}

function stepOf(name: string, { state, error, durationMs }: TenantOutcome): Step {
  const base = { name, durationMs, rowsRead: null, rowsWritten: null };
  switch (state) {
    case "onboarded":
      return { ...base, status: "done" };
    case "planned":
      return { ...base, status: "planned" };
    case "failed":
      return { ...base, status: "failed", note: error?.reason ?? error?.code ?? "" };
    case "already":
      return { ...base, status: "done", note: "already" };
    case "not-run":
      return { ...base, status: "planned", note: "not run" };
  }
}

function endingFindings(ending: Ran["ending"], left: number): Finding[] {
  const rest = left === 1 ? "1 tenant was not run" : `${number(left)} tenants were not run`;
  const stands = "Tenants that were onboarded stay.";
  if (ending === null) return [];
  if (ending === "interrupted") {
    return [{ rule: "interrupted", level: "info", message: `Interrupted; ${rest}. ${stands}` }];
  }
  if (ending === "limit") {
    const message = `More tenants have failed than --max-failures allows; ${rest}. ${stands}`;
    return [{ rule: "limit-reached", level: "warning", message }];
  }
  return [{ rule: ending.code, level: "error", message: ending.message, help: ending.hint }];
}

function again(counts: Readonly<Record<TenantState, number>>, options: FileOptions): string[] {
  const dry = options.dryRun === true;
  if (dry ? counts.planned === 0 : counts.failed + counts["not-run"] === 0) return [];
  return [command("onboard run", options.file)];
}

function number(count: number): string {
  return grouped(count);
}
