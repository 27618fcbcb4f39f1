/** @module The findings and the report of `snapshot restore`. */
import { command, offer } from "../report/command.ts";
import type { OpsError } from "../report/error.ts";
import { type Body, errorFinding, step } from "../report/report-body.ts";
import type { Finding, Json, Step, Target } from "../report/report.ts";
import { count, where } from "../report/wording.ts";
import type { Snapshot } from "./manifests.ts";
import {
  changesDatabase,
  changesOf,
  type FilePlan,
  type RestorePlan,
  type SchemaPlan,
  type TablePlan,
} from "./restore-plan.ts";
import { appendedFindings, moment, size, snapshotData } from "./snapshot-words.ts";

export interface Restore {
  readonly snapshot: Snapshot;
  /** As many digits of its id as the store needs. */
  readonly short: string;
  readonly plan: RestorePlan;
  /** The database that is restored. */
  readonly target: Target;
  /** The command that restores this snapshot, with the flags that the user typed. */
  readonly again: string;
}

/** What the restore would overwrite or remove. Empty if nothing of the present is lost. */
export function lossFindings({ plan, snapshot, short, target }: Restore): Finding[] {
  const { tables, schema, files } = changesOf(plan);
  const dropped = schema.filter(({ change }) => change !== "created").map(({ name }) => name);
  const lossy = tables.filter(({ atRisk, change }) => atRisk > 0 || change === "removed");
  const overwritten = files.filter(({ change }) => change !== "created");
  const lost = lossy.reduce((sum, { atRisk }) => sum + atRisk, 0);
  const source = snapshot.manifest.database?.source;
  const foreign =
    source !== undefined &&
    plan.database !== null &&
    (source.id !== target.id || source.place !== target.place);
  return [
    ...(foreign
      ? [
          {
            rule: "other-database",
            level: "warning" as const,
            message: `The snapshot ${short} is of ${where(source)}, which is another database than ${where(target)}.`,
          },
        ]
      : []),
    ...(lossy.length === 0
      ? []
      : [
          {
            rule: "rows-lost",
            level: "warning" as const,
            message: `${count(lossy.length, "table")} of ${target.database} ${lossy.length === 1 ? "has" : "have"} rows that the snapshot ${short} of ${moment(snapshot.manifest.takenAt)} does not have, at most ${count(lost, "row")}: ${listed(lossy.map(lossText))}.`,
            data: { rows: lost, tables: lossy.map(({ name }) => name) },
          },
        ]),
    ...(dropped.length === 0
      ? []
      : [
          {
            rule: "schema-lost",
            level: "warning" as const,
            message: `${count(dropped.length, "object")} of the schema of ${target.database} would be lost, because ${dropped.length === 1 ? "it is" : "they are"} not in the snapshot ${short}, or ${dropped.length === 1 ? "has" : "have"} another definition there: ${listed(dropped)}.`,
            data: { schema: dropped },
          },
        ]),
    ...(overwritten.length === 0
      ? []
      : [
          {
            rule: "files-lost",
            level: "warning" as const,
            message: `${count(overwritten.length, "file")} would be lost, because ${overwritten.length === 1 ? "it is" : "they are"} not in the snapshot ${short}, or ${overwritten.length === 1 ? "has" : "have"} another content there: ${listed(overwritten.map(({ path }) => path))}.`,
            data: { files: overwritten.map(({ path }) => path) },
          },
        ]),
  ];
}

const MOST = 10;

function listed(names: readonly string[]): string {
  const more = names.length - MOST;
  return [...names.slice(0, MOST), ...(more > 0 ? [`and ${more} more`] : [])].join(", ");
}

function lossText({ name, change, rowsNow, atRisk }: TablePlan): string {
  return change === "removed"
    ? `${name} (the whole table, ${count(rowsNow, "row")})`
    : `${name} (${atRisk})`;
}

/** How a remote database was restored. */
export interface RemoteEnd {
  /** Of the state before. Null if Time Travel was not asked. */
  readonly bookmark: string | null;
  readonly travelled: boolean;
  /** Batches that were sent, after Time Travel if it travelled. */
  readonly batches: number;
  /** What differs from the snapshot after all: the ends of sentences. */
  readonly differences: readonly string[];
}

export type RestoreEnd =
  | { readonly kind: "nothing to do" }
  | { readonly kind: "dry run" }
  /** `backup`: the snapshot of the state before. Null if the user wanted none. */
  | {
      readonly kind: "restored";
      readonly backup: { readonly id: string; readonly short: string } | null;
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
  const { snapshot, plan, again } = restore;
  const { tables, files } = changesOf(plan);
  const backup = end.kind === "restored" ? end.backup : null;
  return {
    ...outcomeOf(end),
    summary: summary(restore, end),
    steps: end.kind === "nothing to do" ? [] : stepsOf(restore, end),
    findings: [
      ...appendedFindings(snapshot),
      ...(end.kind === "restored"
        ? [
            ...stopFindings(end),
            ...remoteFindings(restore, end.remote),
            ...wayBack(restore, backup),
          ]
        : lossFindings(restore)),
    ],
    data: {
      snapshot: snapshotData(snapshot),
      backup: backup?.id ?? null,
      tables: tables.map((one): { readonly [key: string]: Json } => ({ ...one })),
      files: files.map((one): { readonly [key: string]: Json } => ({ ...one })),
      schema: (plan.database?.schema ?? []).map(({ name }) => name),
      others: [...(plan.database?.others ?? [])],
    },
    next: [
      ...(end.kind === "dry run" || stopOf(end) !== null || differs(end) ? [again] : []),
      ...(backup === null ? [] : [command("snapshot restore", backup.short)]),
    ],
  };
}

function stopOf(end: RestoreEnd): (RestoreEnd & { kind: "restored" })["stop"] {
  return end.kind === "restored" ? end.stop : null;
}

/** True if the database was read again, and is not as in the snapshot. */
function differs(end: RestoreEnd): boolean {
  return end.kind === "restored" && (end.remote?.differences.length ?? 0) > 0;
}

function outcomeOf(end: RestoreEnd): Pick<Body, "outcome" | "exitCode"> {
  if (end.kind !== "restored") return { outcome: "ok" };
  if (end.stop === null) return differs(end) ? { outcome: "problems" } : { outcome: "changed" };
  return { outcome: "partial", exitCode: end.stop.error.code === "INTERRUPTED" ? 130 : 4 };
}

function remoteFindings({ short, target }: Restore, remote: RemoteEnd | null): Finding[] {
  if (remote === null) return [];
  const { travelled, batches, differences } = remote;
  const how = travelled
    ? `Time Travel restored ${target.database}${batches === 0 ? "" : `. The result was not as in the snapshot, so d1ops wrote the rest in ${count(batches, "transaction")}`}.`
    : `d1ops wrote to ${target.database} in ${count(batches, "transaction")}.`;
  return [
    { rule: "restored-by", level: "info", message: how, data: { timeTravel: travelled, batches } },
    ...(differences.length === 0
      ? []
      : [
          {
            rule: "restore-incomplete",
            level: "error" as const,
            message: `${target.database} is not as in the snapshot ${short}: ${listed(differences)}.`,
            help: "Another client may write to the database. Stop it, and run the same command again.",
            data: { differences },
          },
        ]),
  ];
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

/** The text of an interruption says that nothing was written. */
function stopFindings({ stop }: RestoreEnd & { kind: "restored" }): Finding[] {
  if (stop === null) return [];
  const interrupted = stop.error.code === "INTERRUPTED";
  return [
    errorFinding(
      stop.error,
      "error",
      interrupted ? { message: "The restore was interrupted." } : {},
    ),
  ];
}

function summary({ short, plan, target }: Restore, end: RestoreEnd): string {
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
  if (end.kind === "nothing to do")
    return `Nothing to restore: everything is as in the snapshot ${short}`;
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

function wayBack(
  { target }: Restore,
  backup: { readonly id: string; readonly short: string } | null,
): Finding[] {
  if (backup === null) {
    return [
      {
        rule: "no-way-back",
        level: "warning",
        message: `d1ops took no snapshot of ${target.database} before this restore, because of --without-backup.`,
      },
    ];
  }
  return [
    {
      rule: "way-back",
      level: "info",
      message: `The snapshot ${backup.short} has the state before this restore.`,
      help: offer("To undo the restore", command("snapshot restore", backup.short)),
      data: { snapshot: backup.id },
    },
  ];
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
