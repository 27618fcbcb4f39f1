/** @module The findings and the report of `snapshot restore`. */
import { command, offer, valueFlag } from "../../report/command.ts";
import type { OpsError } from "../../report/error.ts";
import { type Body, step } from "../../report/report-body.ts";
import type { Finding, Json, Step } from "../../report/report.ts";
import { count } from "../../report/wording.ts";
import { isDifferent, type RemoteEnd } from "../restore/remote-end.ts";
import { lossFindings, type Restore } from "../restore/restore-losses.ts";
import {
  changesDatabase,
  changesOf,
  type FilePlan,
  type SchemaPlan,
  type TablePlan,
} from "../restore/restore-plan.ts";
import { sameIdentifier } from "../../sql/quote.ts";
import { accuracyFindings } from "./accuracy-findings.ts";
import {
  noWayBackFinding,
  remoteFindings,
  replacementOutcome,
  stopFindings,
  type WayBack,
  wayBackFinding,
} from "./replacement-findings.ts";
import { appendedFindings, size, snapshotData } from "./snapshot-words.ts";

export type RestoreEnd =
  | { readonly kind: "nothing to do" }
  | { readonly kind: "dry run" }
  /** Only runs of d1ops were missing. */
  | { readonly kind: "runs put back" }
  /** `backup`: the snapshot of the state before. Null if the user wanted none. */
  | {
      readonly kind: "restored";
      readonly backup: WayBack | null;
      /** What stopped it after the database and these files were restored. Null: all is restored. */
      readonly stop: {
        readonly error: OpsError;
        readonly files: ReadonlySet<string>;
        readonly database: "restored" | "in part";
      } | null;
      /** Null for a local database, and if the database is not restored. */
      readonly remote: RemoteEnd | null;
    };

export function restoreReport(restore: Restore, end: RestoreEnd): Body {
  const { snapshot, short, plan, again } = restore;
  const { tables, files } = changesOf(plan);
  const backup = end.kind === "restored" ? end.backup : null;
  return {
    ...outcomeOf(end),
    summary: summary(restore, end),
    steps: end.kind === "nothing to do" ? [] : stepsOf(restore, end),
    findings: [
      ...appendedFindings(snapshot),
      ...inaccuracyFindings(restore),
      ...lostRunsFindings(restore, end),
      ...(end.kind === "restored"
        ? [
            ...stopFindings("restore", end.stop),
            ...remoteFindings(restore.target, `in the snapshot ${short}`, end.remote),
            ...wayBackFindings(restore, backup),
          ]
        : end.kind === "dry run"
          ? [...lossFindings(restore), ...partFindings(restore)]
          : []),
    ],
    data: {
      snapshot: snapshotData(snapshot),
      backup: backup?.id ?? null,
      tables: tables.map((one): { readonly [key: string]: Json } => ({ ...one })),
      files: files.map((one): { readonly [key: string]: Json } => ({ ...one })),
      schema: (plan.database?.schema ?? []).map(({ name }) => name),
      others: [...(plan.database?.others ?? [])],
      chosen: restore.tables === null ? null : [...restore.tables],
      orphans: plan.orphans === null ? null : plan.orphans.map((one) => ({ ...one })),
    },
    next: [
      ...(end.kind === "dry run" || stopOf(end) !== null || differs(end) ? [again] : []),
      ...(isComplete(restore, end) ? [command("migrate status")] : []),
      ...(backup === null ? [] : [undo(restore, backup.short)]),
    ],
  };
}

/** In what the restored tables of the snapshot may differ from the database that was taken. */
export function inaccuracyFindings({ snapshot, plan, tables }: Restore): Finding[] {
  if (plan.database === null) return [];
  return accuracyFindings(snapshot, "warning").filter(
    ({ table }) =>
      tables === null || table === undefined || tables.some((name) => sameIdentifier(name, table)),
  );
}

/** Then the history of the migrations is that of the snapshot, and some may be pending. */
function isComplete({ plan, into, tables }: Restore, end: RestoreEnd): boolean {
  const isRestored = end.kind === "restored" && end.stop === null && !differs(end);
  return isRestored && into === "database" && tables === null && changesDatabase(plan);
}

function stopOf(end: RestoreEnd): (RestoreEnd & { kind: "restored" })["stop"] {
  return end.kind === "restored" ? end.stop : null;
}

/** True if the database was read again, and is not as in the snapshot. */
function differs(end: RestoreEnd): boolean {
  return end.kind === "restored" && isDifferent(end.remote);
}

function outcomeOf(end: RestoreEnd): Pick<Body, "outcome" | "exitCode"> {
  if (end.kind === "restored") return replacementOutcome(end);
  return { outcome: end.kind === "runs put back" ? "changed" : "ok" };
}

const SCHEMA_NOTES: Readonly<Record<SchemaPlan["change"], string>> = {
  created: "created",
  changed: "replaced by another definition",
  removed: "dropped",
};

function stepsOf({ plan }: Restore, end: RestoreEnd): Step[] {
  const { tables, schema, others, files } = changesOf(plan);
  const stop = stopOf(end);
  const status = end.kind === "restored" ? "done" : "planned";
  return [
    ...tables.map((one) => tableStep(one, status)),
    ...schema.map(({ name, change }) => step(name, status, SCHEMA_NOTES[change])),
    ...others.map((text) => step(text, status)),
    ...files.map((one) =>
      stop === null || stop.files.has(one.path)
        ? fileStep(one, status)
        : step(one.path, "skipped", "not restored"),
    ),
  ];
}

/** The restore that lost them printed no report. */
function lostRunsFindings({ lostRuns, short }: Restore, { kind }: RestoreEnd): Finding[] {
  if (lostRuns === null) return [];
  const { wayBack, runs } = lostRuns;
  const verb = kind === "dry run" ? "would write" : "has written";
  return [
    {
      rule: "runs-put-back",
      level: "info",
      message: `A restore of the snapshot ${short} ended just after Time Travel, which took ${count(runs.length, "run")} of d1ops away. d1ops ${verb} them again, from the snapshot ${wayBack}. That snapshot has the state before that restore.`,
      help: offer("To undo that restore", command("snapshot restore", wayBack)),
      data: { snapshot: wayBack, runs: runs.length },
    },
  ];
}

function summary(restore: Restore, end: RestoreEnd): string {
  const { short, plan, target, lostRuns, tables: tableNames } = restore;
  const { tables, schema, files } = changesOf(plan);
  const objects = [
    ...(tables.length > 0 ? [count(tables.length, "table")] : []),
    ...(schema.length > 0 ? [`${count(schema.length, "object")} of the schema`] : []),
  ].join(" and ");
  const parts = [
    ...(objects === "" ? [] : [`${objects} of ${target.database}`]),
    ...(files.length > 0 ? [count(files.length, "file")] : []),
  ];
  const what = parts.join(" and ");
  if (end.kind === "nothing to do") {
    const same = tableNames === null ? "everything is" : `the rows of ${tableNames.join(", ")} are`;
    return `Nothing to restore: ${same} as in the snapshot ${short}`;
  }
  if (parts.length === 0) {
    const runs = count(lostRuns?.runs.length ?? 0, "run");
    return `${end.kind === "dry run" ? "Would write" : "Wrote"} ${runs} of d1ops again: everything else is as in the snapshot ${short}`;
  }
  const stop = stopOf(end);
  if (stop !== null) {
    if (stop.database === "in part") {
      return `Stopped: restored only a part of ${target.database} from the snapshot ${short}`;
    }
    const database = changesDatabase(plan) ? `${target.database} and ` : "";
    return `Stopped: restored ${database}${stop.files.size} of ${count(files.length, "file")} from the snapshot ${short}`;
  }
  return end.kind === "dry run"
    ? `Would restore ${what} from the snapshot ${short}`
    : `Restored ${what} from the snapshot ${short}`;
}

function partFindings({ plan, target }: Restore): Finding[] {
  if (!plan.needsTransactions) return [];
  return [
    {
      rule: "no-time-travel",
      level: "info",
      message: `d1ops would write to ${target.database} in transactions: Time Travel restores all tables.`,
    },
  ];
}

/** A table that the restore created is not in the way back, so only the whole database undoes that. */
function undo({ tables, plan }: Restore, short: string): string {
  const isCreated = plan.database?.tables.some(({ change }) => change === "created") ?? false;
  const names = tables === null || isCreated ? [] : tables;
  return command(
    "snapshot restore",
    short,
    ...names.flatMap((name) => valueFlag("--tables", name)),
  );
}

function wayBackFindings(restore: Restore, backup: WayBack | null): Finding[] {
  const { target, into } = restore;
  if (backup !== null) return [wayBackFinding("restore", backup, undo(restore, backup.short))];
  return into === "new file" ? [] : [noWayBackFinding("restore", target)];
}

function tableStep({ name, change, rowsNow, rowsThen }: TablePlan, status: Step["status"]): Step {
  const notes: Readonly<Record<TablePlan["change"], string>> = {
    same: "unchanged",
    created: `created with ${count(rowsThen, "row")}`,
    removed: `dropped, with ${count(rowsNow, "row")}`,
    changed: `${count(rowsNow, "row")} replaced by ${count(rowsThen, "row")}`,
  };
  return step(name, status, notes[change]);
}

function fileStep({ path, change, bytesNow, bytesThen }: FilePlan, status: Step["status"]): Step {
  const notes: Readonly<Record<FilePlan["change"], string>> = {
    same: "unchanged",
    created: `created, ${size(bytesThen)}`,
    changed: `overwritten, ${size(bytesThen)}`,
    removed: `removed, ${size(bytesNow)}`,
  };
  return step(path, status, notes[change]);
}
