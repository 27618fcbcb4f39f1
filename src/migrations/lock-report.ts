/** @module The report of `migrate lock`: the lease of a database, and its last runs. */
import type { Run } from "../lease/runs.ts";
import { command, offer } from "../report/command.ts";
import { type Body, step } from "../report/report-body.ts";
import type { Json, Step } from "../report/report.ts";

/** `note` follows the summary if no run holds the lease. */
export function lockBody(runs: readonly Run[], note: string): Body {
  const holder = runs.find(({ holds }) => holds);
  if (holder === undefined) return { outcome: "ok", summary: `No run holds the lease${note}` };
  const last = holder.last === null ? "" : `. Its last step was ${holder.last}`;
  return {
    outcome: "problems",
    summary: `${holder.holder} holds the lease until ${holder.expiresAt} (run ${holder.id})`,
    findings: [
      {
        rule: "lease-held",
        level: "info",
        message: `${holder.holder} has been running \`${holder.command}\` since ${holder.startedAt}${last}.`,
        help: `${offer("If that process has ended, its lease expires by itself. To end it now", command("migrate lock", "--release"))}\nIf the process is still running, it cannot write after that.`,
      },
    ],
    next: [command("migrate lock", "--release")],
  };
}

export function runsBody(runs: readonly Run[]): Pick<Body, "steps" | "data"> {
  const holder = runs.find(({ holds }) => holds);
  return {
    steps: runs.map(stepOf),
    data: { held: holder === undefined ? null : dataOf(holder), runs: runs.map(dataOf) },
  };
}

function stepOf(run: Run): Step {
  const { id, holder, startedAt, endedAt, ending, holds } = run;
  const state = holds ? "holds the lease" : (ending ?? "expired");
  const note = `${run.command}, ${startedAt}, ${holder}: ${state}`;
  const durationMs = endedAt === null ? null : Date.parse(endedAt) - Date.parse(startedAt);
  return { ...step(`run ${id}`, holds ? "planned" : "done", note), durationMs };
}

function dataOf(run: Run): { readonly [key: string]: Json } {
  const { nonce: _nonce, holds: _holds, ...data } = run;
  return data;
}
