/** @module The report of `onboard run` for a valid file. */
import { command } from "./onboarding-verbs.ts";
import type { OpsError } from "../../report/error.ts";
import type { Check, ExitCode, Finding, Outcome, Step } from "../../report/report.ts";
import { type Body, step, tenths } from "../../report/report-body.ts";
import { count, grouped } from "../../report/wording.ts";
import type { Tenant } from "./read-tenants.ts";
import type { TenantOutcome, TenantState } from "./send-tenants.ts";

export interface Ran {
  /** True for a dry run that only queried what the database would reject. */
  readonly onlyChecked?: boolean;
  /** In the order of the tenants. */
  readonly outcomes: readonly TenantOutcome[];
  /** Why the run ended early: Ctrl-C, `--max-failures`, or an error that no tenant caused. */
  readonly ending: "interrupted" | "limit" | OpsError | null;
}

/** The options that the report repeats. */
export interface RunOptions {
  readonly file: string;
  readonly dryRun?: boolean;
}

type Counts = Readonly<Record<TenantState, number>>;

export const NO_TENANTS: Counts = { onboarded: 0, already: 0, planned: 0, failed: 0, "not-run": 0 };

export function tenantsBody(
  file: string,
  tenants: readonly Tenant[],
  { outcomes, ending, onlyChecked = false }: Ran,
  options: RunOptions,
): Body {
  const counts = { ...NO_TENANTS };
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
      ...all.flatMap((tenant) => failedFindings(file, tenant)),
      ...endingFindings(ending, counts["not-run"]),
      ...(all.length === 0 ? [noTenantsFinding(file)] : []),
    ],
    checks: onlyChecked ? [NOT_TRIED] : [],
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
    next: nextCommands(counts, options),
  };
}

function failedFindings(file: string, { input, line, error }: Tenant & TenantOutcome): Finding[] {
  if (error === null) return [];
  const { code, reason, message, hint } = error;
  const { tenant } = input;
  return [
    {
      rule: "tenant-failed",
      level: "error",
      file,
      line,
      message: `${tenant}: ${message}`,
      help: code === "ONBOARDING_CONFLICT" ? `Correct line ${line} first. ${hint}` : hint,
      data: { tenant, code, reason },
    },
  ];
}

/** A warning: an empty file may be the result of a failed program. */
function noTenantsFinding(file: string): Finding {
  return {
    rule: "no-tenants",
    level: "warning",
    file,
    message: `${file} has no tenants. If another program wrote it, check that it succeeded.`,
  };
}

const NOT_TRIED: Check = {
  id: "onboarding.writes",
  outcome: "not-checked",
  measured: null,
  expected: "every batch succeeds",
  evidence: {
    checked: "tables, keys, and whether users, numbers and addresses belong to another tenant",
    notChecked:
      "the batches themselves: triggers, constraints of other tables, writes of other programs",
  },
};

function verdict(
  counts: Counts,
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

function summary(counts: Counts, dry: boolean): string {
  const words: Readonly<Record<TenantState, string>> = {
    onboarded: "onboarded",
    planned: "would be onboarded",
    already: "already onboarded",
    failed: dry ? "would fail" : "failed",
    "not-run": "not run",
  };
  const states = ["onboarded", "planned", "already", "failed", "not-run"] as const;
  const parts = states
    .filter((state) => counts[state] > 0)
    .map((state) => `${grouped(counts[state])} ${words[state]}`);
  return parts.length === 0 ? "No tenants" : parts.join(", ");
}

function stepOf(name: string, { state, error, durationMs }: TenantOutcome): Step {
  const steps: Readonly<Record<TenantState, Step>> = {
    onboarded: step(name, "done"),
    planned: step(name, "planned"),
    failed: step(name, "failed", error?.reason ?? error?.code ?? ""),
    already: step(name, "done", "already onboarded"),
    "not-run": step(name, "planned", "not run"),
  };
  return { ...steps[state], durationMs: durationMs === null ? null : tenths(durationMs) };
}

function endingFindings(ending: Ran["ending"], left: number): Finding[] {
  const state = `Not run: ${count(left, "tenant")}. Tenants that were onboarded stay onboarded.`;
  if (ending === null) return [];
  if (ending === "interrupted") {
    return [{ rule: "interrupted", level: "info", message: `Interrupted. ${state}` }];
  }
  if (ending === "limit") {
    const message = `More tenants failed than --max-failures allows. ${state}`;
    return [{ rule: "limit-reached", level: "warning", message }];
  }
  return [{ rule: ending.code, level: "error", message: ending.message, help: ending.hint }];
}

function nextCommands(counts: Counts, { file, dryRun }: RunOptions): string[] {
  const isUseful = dryRun === true ? counts.planned > 0 : counts.failed + counts["not-run"] > 0;
  return isUseful ? [command("onboard run", file)] : [];
}
