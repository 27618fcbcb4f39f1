/** @module The report of `onboard run` for a file with invalid lines. d1ops onboards no tenant of such a file. */
import { command } from "./onboarding-verbs.ts";
import type { Finding } from "../../report/report.ts";
import type { Body } from "../../report/report-body.ts";
import { count } from "../../report/wording.ts";
import type { LineProblem } from "./duplicates.ts";
import type { TenantFile } from "./read-tenants.ts";
import { NO_TENANTS, type RunOptions } from "./tenants-report.ts";

export function invalidFileBody(
  file: string,
  { tenants, problems, count: total }: TenantFile,
  options: RunOptions,
): Body {
  const invalid = new Map<number, LineProblem>();
  for (const problem of problems) {
    if (!invalid.has(problem.line)) invalid.set(problem.line, problem);
  }
  const valid = tenants.filter(({ line }) => !invalid.has(line));
  const listed = [
    ...[...invalid.values()].map(({ line, tenant, path, where = path, message }) => ({
      line,
      tenant,
      state: "failed",
      code: "ONBOARDING_INVALID",
      error: where === "" ? message : `${where}: ${message}`,
    })),
    ...valid.map(({ line, input }) => ({
      line,
      tenant: input.tenant,
      state: "not-run",
      code: null,
      error: null,
    })),
  ].sort((a, b) => a.line - b.line);
  return {
    outcome: "problems",
    exitCode: 2,
    summary: `${count(invalid.size, "invalid line")} in ${file}; no tenant was onboarded. Correct them first`,
    findings: problems.map((problem) => invalidFinding(file, problem)),
    data: {
      tenants: listed,
      counts: { ...NO_TENANTS, tenants: total, failed: invalid.size, "not-run": valid.length },
    },
    next: [command("onboard run", options.file, ...(options.dryRun === true ? ["--dry-run"] : []))],
  };
}

function invalidFinding(file: string, problem: LineProblem): Finding {
  const { line, tenant, path, where = path, code, message } = problem;
  const about = [tenant === null ? "" : `tenant ${tenant}`, where].filter((part) => part !== "");
  return {
    rule: "invalid-tenant",
    level: "error",
    file,
    line,
    message: about.length === 0 ? `${message}.` : `${about.join(", ")}: ${message}.`,
    data: { tenant, path, code },
  };
}
