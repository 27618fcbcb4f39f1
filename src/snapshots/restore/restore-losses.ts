/** @module What a restore would overwrite or remove. */
import { command, offer, valueFlag } from "../../report/command.ts";
import type { Finding, Target } from "../../report/report.ts";
import { count, where } from "../../report/wording.ts";
import type { Snapshot } from "../store/manifests.ts";
import { changesOf, type FilePlan, type RestorePlan } from "./restore-plan.ts";
import { lostContentFindings } from "../report/replacement-findings.ts";
import { atMostTen, moment } from "../report/snapshot-words.ts";

export interface Restore {
  readonly snapshot: Snapshot;
  /** As many digits of its id as the store needs. */
  readonly short: string;
  readonly plan: RestorePlan;
  /** The database that is restored. */
  readonly target: Target;
  /** `file`: one that the user named. `new file`: it is missing or empty, so nothing of it can be lost. */
  readonly into: "database" | "file" | "new file";
  /** The tables that the user named. Null: everything that the snapshot contains. */
  readonly tables: readonly string[] | null;
  /** The command that restores this snapshot, with the flags that the user typed. */
  readonly again: string;
  /** Runs of d1ops that an earlier restore took away and has not written back. Null: none. `wayBack`: the snapshot that has them. */
  readonly lostRuns: { readonly wayBack: string; readonly runs: readonly unknown[] } | null;
}

/** What the restore would overwrite or remove. Empty if nothing of the present is lost. */
export function lossFindings(restore: Restore): Finding[] {
  const { plan, snapshot, short, target, into } = restore;
  const { files } = changesOf(plan);
  const wanted = `the snapshot ${short} of ${moment(snapshot.manifest.takenAt)}`;
  const source = snapshot.manifest.database?.source;
  const foreign =
    into === "database" &&
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
    ...lostContentFindings(plan, target, wanted, offer("To see these rows", difference(restore))),
    ...orphanFindings(plan, short),
    ...fileFindings(files, short),
  ];
}

/** The counts of `rows-lost` are those of ranges, and this command shows the rows. */
function difference({ short, target, into, tables }: Restore): string {
  const place = into === "database" ? target.place : `file:${target.database}`;
  const flags = (tables ?? []).flatMap((name) => valueFlag("--tables", name));
  return command("snapshot diff", short, place, ...flags, "--values");
}

/** The counts are exact, because the patterns of a foreign snapshot may match many files. */
function fileFindings(files: readonly FilePlan[], short: string): Finding[] {
  const pathsOf = (wanted: FilePlan["change"]): string[] =>
    files.filter(({ change }) => change === wanted).map(({ path }) => path);
  const [removed, overwritten] = [pathsOf("removed"), pathsOf("changed")];
  if (removed.length + overwritten.length === 0) return [];
  const message = [
    { paths: removed, what: `removed, because the snapshot ${short} does not contain` },
    {
      paths: overwritten,
      what: `overwritten, because the snapshot ${short} has another content of`,
    },
  ]
    .filter(({ paths }) => paths.length > 0)
    .map(
      ({ paths, what }) =>
        `${count(paths.length, "file")} would be ${what} ${paths.length === 1 ? "it" : "them"}: ${atMostTen(paths)}.`,
    )
    .join(" ");
  const data = { files: [...removed, ...overwritten], removed: removed.length };
  return [{ rule: "files-lost", level: "warning", message, data }];
}

/** Rows that stay refer to rows that go, or the other way round. */
function orphanFindings({ orphans }: RestorePlan, short: string): Finding[] {
  const rule = { rule: "orphans", level: "warning" } as const;
  if (orphans === null) {
    const message = `d1ops could not check the foreign keys: a table refers to columns that are not unique. Rows may refer to rows that the snapshot ${short} does not have.`;
    return [{ ...rule, message }];
  }
  return orphans.map(({ table, rows }) => ({
    ...rule,
    table,
    message: `After the restore, ${count(rows, "row")} of ${table} would refer to rows that do not exist.`,
    help: `To restore both sides of a foreign key, name both tables.`,
    data: { rows },
  }));
}
