/** @module What the report of `snapshot verify` says about a drill. */
import { command, offer } from "../../report/command.ts";
import type { Check, Finding } from "../../report/report.ts";
import { count } from "../../report/wording.ts";
import type { Drill } from "../verify/drill.ts";
import type { Snapshot } from "../store/manifests.ts";

/** True if the drill rebuilt the same database. Orphans were in it before. */
export function drillPassed({ failure, problems, differences }: Drill): boolean {
  return failure === null && problems.length === 0 && differences.length === 0;
}

export function drillFindings(drill: Drill, { id }: Snapshot, short: string): Finding[] {
  const data = { snapshot: id };
  return [
    ...(drill.failure === null
      ? []
      : [
          {
            rule: "drill-failed",
            level: "error" as const,
            message: `The drill could not rebuild the database of ${short}: ${drill.failure}`,
            data,
          },
        ]),
    ...drill.problems.map((problem): Finding => {
      const message = `The database that the drill rebuilt from ${short} fails SQLite's integrity check: ${problem}.`;
      return { rule: "drill-integrity", level: "error", message, data };
    }),
    ...drill.differences.map((what): Finding => {
      const message = `The database that the drill rebuilt from ${short} differs from the snapshot: ${what}.`;
      const help = offer("Another snapshot may be intact. To list them", command("snapshot list"));
      return { rule: "drill-differs", level: "error", message, help, data };
    }),
    ...(drill.orphans ?? []).map(({ table, rows }): Finding => {
      const message = `${count(rows, "row")} of ${table} ${rows === 1 ? "refers" : "refer"} to a row that does not exist. The database had ${rows === 1 ? "it" : "them"} when ${short} was taken.`;
      return { rule: "orphans", level: "warning", table, message, data };
    }),
  ];
}

export function drillChecks(
  { failure, problems, differences, orphans }: Drill,
  short: string,
): Check[] {
  if (failure !== null) {
    return ["integrity", "foreign-keys", "same-content"].map((name) => ({
      id: `${short}/drill.${name}`,
      outcome: "not-checked",
      measured: null,
      expected: null,
      evidence: {},
    }));
  }
  const lost = (orphans ?? []).reduce((sum, { rows }) => sum + rows, 0);
  return [
    {
      id: `${short}/drill.integrity`,
      outcome: problems.length === 0 ? "pass" : "fail",
      measured: count(problems.length, "problem"),
      expected: count(0, "problem"),
      evidence: {},
    },
    {
      id: `${short}/drill.foreign-keys`,
      outcome: orphans === null ? "not-checked" : lost === 0 ? "pass" : "warn",
      measured: orphans === null ? null : count(lost, "orphan"),
      expected: count(0, "orphan"),
      evidence: {},
    },
    {
      id: `${short}/drill.same-content`,
      outcome: differences.length === 0 ? "pass" : "fail",
      measured: count(differences.length, "difference"),
      expected: count(0, "difference"),
      evidence: {},
    },
  ];
}
