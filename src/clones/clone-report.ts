/** @module The report of `clone`. `clone-findings.ts` has its findings. */
import { command, valueFlag } from "../report/command.ts";
import { type Body, step } from "../report/report-body.ts";
import type { Finding, Json, Step } from "../report/report.ts";
import { count } from "../report/wording.ts";
import type { Clone, CloneEnd } from "./clone-result.ts";
import { leakFindings, maskFindings, unmaskedFindings } from "./clone-findings.ts";
import {
  noWayBackFinding,
  remoteFindings,
  replacementOutcome,
  stopFindings,
  type WayBack,
  wayBackFinding,
} from "../snapshots/report/replacement-findings.ts";
import { isDifferent } from "../snapshots/restore/remote-end.ts";

export function cloneReport(clone: Clone, end: CloneEnd): Body {
  const backup = end.kind === "cloned" ? end.backup : null;
  return {
    ...(end.kind === "cloned" ? replacementOutcome(end) : { outcome: "ok" }),
    summary: summary(clone, end),
    steps: end.kind === "nothing to do" ? [] : stepsOf(clone, end),
    findings: [
      ...(end.kind === "dry run" ? clone.losses : []),
      ...unmaskedFindings(clone),
      ...maskFindings(clone),
      ...leakFindings(clone),
      ...(end.kind === "cloned"
        ? [
            ...stopFindings("clone", end.stop),
            ...remoteFindings(clone.target, "in the clone", end.remote),
            ...wayBackFindings(clone, backup),
          ]
        : []),
    ],
    data: dataOf(clone, backup),
    next: [
      ...(isUnfinished(end) ? [clone.again] : end.kind === "cloned" ? statusOf(clone) : []),
      ...(backup === null ? [] : [undoOf(clone, backup)]),
    ],
  };
}

/** True if the same command would change something. */
function isUnfinished(end: CloneEnd): boolean {
  if (end.kind !== "cloned") return end.kind === "dry run";
  return end.stop !== null || isDifferent(end.remote);
}

function summary({ from, to, tables, tallies }: Clone, end: CloneEnd): string {
  if (end.kind === "cloned" && end.stop !== null)
    return `Stopped: wrote only a part of the clone of ${from} to ${to}`;
  if (end.kind === "nothing to do") return `Nothing to clone: ${to} equals ${from} already`;
  const masked = [...tallies.values()].flat().filter((column) => column.masked > 0).length;
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const what = `${count(tables.length, "table")} with ${count(rows, "row")} from ${from} to ${to}`;
  const how = masked === 0 ? "nothing masked" : `${count(masked, "column")} masked`;
  return `${end.kind === "dry run" ? "Would clone" : "Cloned"} ${what}, ${how}`;
}

function stepsOf({ tables, tallies, emptied }: Clone, end: CloneEnd): Step[] {
  const written = end.kind === "cloned" && end.stop !== null ? "skipped" : "done";
  const status = end.kind === "cloned" ? written : "planned";
  return tables.map(({ name, rows }) => {
    const columns = tallies.get(name) ?? [];
    const masks = columns.map((one) => one.column).join(", ");
    const note = emptied.includes(name)
      ? "without rows"
      : `${count(rows, "row")}${masks === "" ? "" : `, masked: ${masks}`}`;
    return step(name, status, note);
  });
}

/** The history of the migrations is that of FROM, and some may be pending. A file has none. */
function statusOf({ to, target: { place, env } }: Clone): string[] {
  if (to.startsWith("file:")) return [];
  const environment = env === null ? [] : valueFlag("--env", env);
  return [command("migrate status", `--${place}`, ...environment)];
}

function undoOf({ to }: Clone, { short }: WayBack): string {
  const where = to === "local" ? ["--local"] : ["--to", to];
  return command("snapshot restore", short, ...where);
}

function wayBackFindings(clone: Clone, backup: WayBack | null): Finding[] {
  if (backup !== null) return [wayBackFinding("clone", backup, undoOf(clone, backup))];
  return clone.losses.length === 0 ? [] : [noWayBackFinding("clone", clone.target)];
}

function dataOf(clone: Clone, backup: WayBack | null): { readonly [key: string]: Json } {
  const { from, to, source, tables, tallies, emptied, unmasked, leaks } = clone;
  return {
    from,
    to,
    source: { ...source },
    tables: tables.map(({ name, rows }) => ({
      name,
      rows,
      emptied: emptied.includes(name),
      masked: (tallies.get(name) ?? []).map((one) => ({
        column: one.column,
        values: one.masked,
        notJson: one.notJson,
        unmatched: one.unmatched,
        examples: one.examples,
      })),
    })),
    unmasked: unmasked.map(({ table, columns }) => ({ table, columns })),
    searched: leaks.search.size,
    found: leaks.leaks.map((one) => ({ ...one })),
    backup: backup?.id ?? null,
  };
}
