/**
 * What `status` says of a database's backfills: how many are how far, and which of them pending migrations require. The files are counted
 * and not loaded for it: one of them may be a program.
 * @module
 */
import { readProgress } from "../../backfills/state.ts";
import type { DatabaseSettings, ProjectSettings } from "../../config/wrangler-settings.ts";
import type { D1Database } from "../../database/port.ts";
import type { Comparison } from "../../migrations/comparison.ts";
import { command, offer } from "../../report/command.ts";
import { OpsError } from "../../report/error.ts";
import type { Finding, Json } from "../../report/report.ts";
import { stateOf } from "./report.ts";
import { findBackfill, nameBackfills } from "../../project/backfills.ts";
import { grouped } from "../../report/grouped.ts";

export interface BackfillStanding {
  /** To be put behind another; empty where the project has no backfills. */
  readonly note: string;
  readonly findings: readonly Finding[];
  readonly data: { readonly [key: string]: Json };
}

const NONE: BackfillStanding = { note: "", findings: [], data: {} };

/** One call; none where there are no files. */
export async function backfillStanding(
  d1: D1Database,
  settings: ProjectSettings,
  database: DatabaseSettings,
  standing: Comparison,
): Promise<BackfillStanding> {
  const named = nameBackfills(settings, database);
  if (named.length === 0) return NONE;
  const progress = new Map((await readProgress(d1)).map((one) => [one.name, one]));
  const states = new Map(named.map(({ name }) => [name, stateOf(progress.get(name))]));
  const count = (state: string): number =>
    [...states.values()].filter((one) => one === state).length;
  const quarantined = named.reduce((sum, { name }) => {
    const counts = progress.get(name)?.counts;
    return sum + (counts?.conflict ?? 0) + (counts?.invalid ?? 0);
  }, 0);
  const told = STATES.filter(({ state }) => count(state) > 0);
  const parts = [
    ...told.map(({ state }) => `${count(state)} ${state}`),
    ...(quarantined > 0 ? [`${grouped(quarantined)} quarantined`] : []),
  ];
  return {
    note: `; backfills: ${parts.join(", ")}`,
    findings: requiredFindings(standing, named, states),
    data: {
      backfills: {
        ...Object.fromEntries(STATES.map(({ state, key }) => [key, count(state)])),
        quarantined,
      },
    },
  };
}

const STATES = [
  { state: "not begun", key: "notBegun" },
  { state: "running", key: "running" },
  { state: "silent", key: "silent" },
  { state: "paused", key: "paused" },
  { state: "cancelled", key: "cancelled" },
  { state: "scanned", key: "scanned" },
  { state: "reconciled", key: "reconciled" },
] as const;

/** A new database has nothing to wait for. Whether a migration may run is `plan`'s to say: it asks the rows. */
function requiredFindings(
  { applied, pending }: Comparison,
  named: readonly { readonly name: string }[],
  states: ReadonlyMap<string, string>,
): Finding[] {
  if (applied.length === 0) return [];
  return pending.flatMap((migration) =>
    migration.requires.flatMap((wanted): Finding[] => {
      const base = { file: migration.file };
      try {
        const { name } = findBackfill(named, wanted);
        const state = states.get(name) ?? "not begun";
        if (state === "reconciled") return [];
        return [
          {
            ...base,
            rule: "requires",
            level: "warning",
            message: `${migration.name} is pending, and requires the backfill ${name}, which is ${state}.`,
            help: `${offer("To see whether it stops the migration", command("migrate plan"))}\n${offer("To fill the rows", command("backfill run", name))}`,
            data: { backfill: name, state },
          },
        ];
      } catch (error) {
        if (!(error instanceof OpsError)) throw error;
        const { code, hint } = error;
        const message = `${migration.name} requires a backfill: ${error.message}`;
        return [{ ...base, rule: code, level: "error", message, help: hint }];
      }
    }),
  );
}
