/**
 * What the reports of a restore and of a clone share: what the database would lose, how it was written, what stopped that, and the way
 * back.
 * @module
 */
import { offer } from "../../report/command.ts";
import type { OpsError } from "../../report/error.ts";
import { type Body, errorFinding, partialOutcome } from "../../report/report-body.ts";
import type { Finding, Target } from "../../report/report.ts";
import { count, grouped } from "../../report/wording.ts";
import { isDifferent, type RemoteEnd } from "../restore/remote-end.ts";
import { changesOf, type RestorePlan, type TablePlan } from "../restore/restore-plan.ts";
import { atMostTen } from "./snapshot-words.ts";

/** As messages name it. */
type Replacement = "restore" | "clone";

/** What ended a replacement after a part of it. Null: nothing did. */
type Stop = { readonly error: OpsError } | null;

/** The snapshot of the state before. */
export interface WayBack {
  readonly id: string;
  readonly short: string;
}

/**
 * `wanted`: what replaces the content, as a message names it: `the snapshot 2f3a51c0`. `rowsHelp`: how to see the rows that would be lost.
 * Empty if nothing of the database is lost.
 */
export function lostContentFindings(
  plan: RestorePlan,
  { database }: Target,
  wanted: string,
  rowsHelp?: string,
): Finding[] {
  const { tables, schema } = changesOf(plan);
  const lossy = tables.filter(({ atRisk, change }) => atRisk > 0 || change === "removed");
  const dropped = schema.filter(({ change }) => change !== "created").map(({ name }) => name);
  return [
    ...rowsLostFindings(lossy, database, wanted).map((one) => ({
      ...one,
      ...(rowsHelp !== undefined && { help: rowsHelp }),
    })),
    ...schemaLostFindings(dropped, database, wanted),
  ];
}

function rowsLostFindings(
  lossy: readonly TablePlan[],
  database: string,
  wanted: string,
): Finding[] {
  if (lossy.length === 0) return [];
  const rows = lossy.reduce((sum, { atRisk }) => sum + atRisk, 0);
  const message = `${count(lossy.length, "table")} of ${database} ${lossy.length === 1 ? "has" : "have"} rows that ${wanted} does not have, at most ${count(rows, "row")}: ${atMostTen(lossy.map(lossText))}.`;
  const data = { rows, tables: lossy.map(({ name }) => name) };
  return [{ rule: "rows-lost", level: "warning", message, data }];
}

function lossText({ name, change, rowsNow, atRisk }: TablePlan): string {
  return change === "removed"
    ? `${name} (the whole table, ${count(rowsNow, "row")})`
    : `${name} (${grouped(atRisk)})`;
}

function schemaLostFindings(
  dropped: readonly string[],
  database: string,
  wanted: string,
): Finding[] {
  if (dropped.length === 0) return [];
  const [are, have] = dropped.length === 1 ? ["it is", "has"] : ["they are", "have"];
  const message = `${count(dropped.length, "object")} of the schema of ${database} would be lost, because ${are} not in ${wanted}, or ${have} another definition there: ${atMostTen(dropped)}.`;
  return [{ rule: "schema-lost", level: "warning", message, data: { schema: [...dropped] } }];
}

export function replacementOutcome({
  stop,
  remote,
}: {
  readonly stop: Stop;
  readonly remote: RemoteEnd | null;
}): Pick<Body, "outcome" | "exitCode"> {
  if (stop !== null) return partialOutcome(stop.error);
  return { outcome: isDifferent(remote) ? "problems" : "changed" };
}

/** The message of an interruption says that nothing was written, so it gets another one. */
export function stopFindings(what: Replacement, stop: Stop): Finding[] {
  if (stop === null) return [];
  const isInterrupted = stop.error.code === "INTERRUPTED";
  const text = isInterrupted ? { message: `The ${what} was interrupted.` } : {};
  return [errorFinding(stop.error, "error", text)];
}

/** `wanted` continues "is not as": `in the snapshot 2f3a51c0`. */
export function remoteFindings(
  { database }: Target,
  wanted: string,
  remote: RemoteEnd | null,
): Finding[] {
  if (remote === null) return [];
  const { travelled, batches, differences } = remote;
  const how = travelled
    ? `Time Travel restored ${database}${batches === 0 ? "" : `. The result was not as ${wanted}, so d1ops wrote the rest in ${count(batches, "transaction")}`}.`
    : `d1ops wrote to ${database} in ${count(batches, "transaction")}.`;
  return [
    { rule: "restored-by", level: "info", message: how, data: { timeTravel: travelled, batches } },
    ...(differences.length === 0
      ? []
      : [
          {
            rule: "restore-incomplete",
            level: "error" as const,
            message: `${database} is not as ${wanted}: ${atMostTen(differences)}.`,
            help: "Another client may write to the database. Stop it, and run the same command again.",
            data: { differences },
          },
        ]),
  ];
}

/** `undo`: the command that restores the way back. */
export function wayBackFinding(what: Replacement, { id, short }: WayBack, undo: string): Finding {
  return {
    rule: "way-back",
    level: "info",
    message: `The snapshot ${short} has the state before this ${what}.`,
    help: offer(`To undo the ${what}`, undo),
    data: { snapshot: id },
  };
}

export function noWayBackFinding(what: Replacement, { database }: Target): Finding {
  const message = `d1ops took no snapshot of ${database} before this ${what}, because of --without-backup.`;
  return { rule: "no-way-back", level: "warning", message };
}
