/** @module Plans a run: which migrations it would apply, and the problems that stop it. Pure. */
import { command, offer } from "../report/command.ts";
import { OpsError } from "../report/error.ts";
import type { Misspelt } from "./directives.ts";
import { isBackfill } from "./matched-backfill.ts";
import type { Migration } from "./migration.ts";
import type { Comparison } from "./comparison.ts";
import { type Oversize, oversizeOf, type Unrunnable, unrunnableOf } from "./unrunnable.ts";

/** The problems that stop a run unless the user allows them by name. */
export const allowances = ["out-of-order", "changed", "missing", "renamed"] as const;
export type Allowance = (typeof allowances)[number];

export type Problem =
  | { readonly kind: "out-of-order"; readonly migration: Migration; readonly after: string }
  | { readonly kind: "changed"; readonly migration: Migration; readonly recorded: string }
  | { readonly kind: "missing"; readonly name: string }
  | { readonly kind: "renamed"; readonly from: string; readonly migration: Migration }
  | {
      readonly kind: "requires";
      readonly migration: Migration;
      readonly notReady: NotReady;
      /** The last step before the first one that has such a problem. */
      readonly before: string | null;
    }
  | { readonly kind: "backfill"; readonly migration: Migration }
  | { readonly kind: "directive"; readonly migration: Migration; readonly misspelt: Misspelt }
  | Oversize
  | Unrunnable;

/** A backfill that a migration requires, and why it is not ready for it. */
export interface NotReady {
  readonly backfill: string;
  readonly reason: string;
  readonly help: string;
}

export interface Plan {
  /** In the order in which they would run. */
  readonly steps: readonly Migration[];
  /** All problems, allowed or not. */
  readonly problems: readonly Problem[];
  /** The problems that stop the run. Empty if nothing is pending, because such a run changes nothing. */
  readonly obstacles: readonly Problem[];
  readonly accepted: Comparison["accepted"];
}

export interface PlanRequest {
  readonly comparison: Comparison;
  /** The last migration to apply; null for all. */
  readonly to: Migration | null;
  readonly allow: ReadonlySet<Allowance>;
  /** By the name of the requiring migration. If readiness is unknown before the run, the run checks it. */
  readonly notReady?: ReadonlyMap<string, readonly NotReady[]> | undefined;
}

/** The migrations of a plan, in the order in which they would run. */
export function stepsOf(
  { comparison, to }: Pick<PlanRequest, "comparison" | "to">,
  folder: readonly Migration[],
): readonly Migration[] {
  if (to === null) return comparison.pending;
  const upTo = folder.indexOf(to) + 1;
  return comparison.pending.filter((migration) => folder.indexOf(migration) < upTo);
}

export function planMigrations(
  { comparison, to, allow, notReady }: PlanRequest,
  folder: readonly Migration[],
): Plan {
  const steps = stepsOf({ comparison, to }, folder);
  const gated = steps.findIndex(({ name }) => notReady?.has(name) === true);
  const before = steps[gated - 1]?.name ?? null;
  const problems = [
    ...findProblems(comparison, folder, steps),
    ...steps.flatMap((migration) =>
      (notReady?.get(migration.name) ?? []).map((one) => ({
        kind: "requires" as const,
        migration,
        notReady: one,
        before,
      })),
    ),
  ];
  const obstacles =
    steps.length === 0 ? [] : problems.filter((problem) => !isAllowed(problem, allow));
  return { steps, problems, obstacles, accepted: comparison.accepted };
}

export function planProblems(
  comparison: Comparison,
  folder: readonly Migration[],
): readonly Problem[] {
  return planMigrations({ comparison, to: null, allow: new Set() }, folder).problems;
}

/** True if the user allows this kind of problem. No flag allows a migration that cannot succeed. */
export function isAllowed({ kind }: Problem, allow: ReadonlySet<Allowance>): boolean {
  const allowed: ReadonlySet<Problem["kind"]> = allow;
  return allowed.has(kind);
}

function findProblems(
  comparison: Comparison,
  folder: readonly Migration[],
  steps: readonly Migration[],
): Problem[] {
  const names = new Set(comparison.applied.map((row) => row.name));
  const after = folder.findLast((migration) => names.has(migration.name))?.name ?? "";
  return [
    ...comparison.changed.map((one) => ({ kind: "changed" as const, ...one })),
    ...comparison.renamed.map(({ from, to: migration }) => ({
      kind: "renamed" as const,
      from,
      migration,
    })),
    ...comparison.missing.map(({ name }) => ({ kind: "missing" as const, name })),
    ...comparison.outOfOrder
      .filter((migration) => steps.includes(migration))
      .map((migration) => ({ kind: "out-of-order" as const, migration, after })),
    ...steps.flatMap((migration) => oversizeOf(migration) ?? []),
    ...steps.flatMap(unrunnableOf),
    ...steps.flatMap((migration): Problem[] =>
      isBackfill(migration)
        ? [{ kind: "backfill", migration }]
        : migration.misspelt.map((misspelt) => ({ kind: "directive", migration, misspelt })),
    ),
  ];
}

/** Finds a migration by its name, with or without `.sql`, or by a unique leading number. @throws OpsError MIGRATION_UNKNOWN */
export function findMigration(
  folder: readonly Migration[],
  wanted: string,
  nearest: (name: string, known: readonly string[]) => string | null,
): Migration {
  const exact = folder.find(({ name }) => name === wanted || name === `${wanted}.sql`);
  if (exact !== undefined) return exact;
  const numbered = folder.filter(
    ({ name }) => /^\d+$/.test(wanted) && Number.parseInt(name, 10) === Number(wanted),
  );
  const [only] = numbered;
  if (only !== undefined && numbered.length === 1) return only;
  const known = folder.map(({ name }) => name);
  const guess = nearest(wanted, known);
  const message =
    numbered.length > 1
      ? `${numbered.length} migrations have the number ${wanted}: ${numbered.map(({ name }) => name).join(", ")}.`
      : `There is no migration ${wanted} in the folder.`;
  const hint =
    guess === null ? offer("To list them", command("migrate status")) : `Did you mean ${guess}?`;
  throw new OpsError("MIGRATION_UNKNOWN", { name: wanted, known }, { message, hint });
}
