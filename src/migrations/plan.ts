/**
 * Which migrations a run would apply, and what speaks against it. Pure, and data only: applying is another act.
 * @module
 */
import { command, offer } from "../report/command.ts";
import { OpsError } from "../report/error.ts";
import type { Misspelt } from "./directives.ts";
import { type Oversize, oversizeOf } from "./limits.ts";
import type { Migration } from "./migration.ts";
import type { Standing } from "./standing.ts";
import { type Unrunnable, unrunnableOf } from "./unrunnable.ts";

/** What stops a run unless the user allows it by name. */
export const allowances = ["out-of-order", "changed", "missing", "renamed"] as const;
export type Allowance = (typeof allowances)[number];

export type Problem =
  | { readonly kind: "out-of-order"; readonly migration: Migration; readonly after: string }
  | { readonly kind: "changed"; readonly migration: Migration; readonly recorded: string }
  | { readonly kind: "missing"; readonly name: string }
  | { readonly kind: "renamed"; readonly from: string; readonly migration: Migration }
  | { readonly kind: "requires"; readonly migration: Migration; readonly unready: Unready }
  | { readonly kind: "directive"; readonly migration: Migration; readonly misspelt: Misspelt }
  | Oversize
  | Unrunnable;

/** A backfill that a migration requires, and why it is not ready for it. */
export interface Unready {
  readonly backfill: string;
  readonly reason: string;
}

export interface Plan {
  /** In the order in which they would run. */
  readonly steps: readonly Migration[];
  /** Every problem, allowed or not. */
  readonly problems: readonly Problem[];
  /** Those that stop the run. Empty where there is nothing to run: then nothing is at stake. */
  readonly obstacles: readonly Problem[];
  readonly accepted: Standing["accepted"];
}

export interface PlanRequest {
  readonly standing: Standing;
  /** The last migration to apply; all of them without it. */
  readonly to: Migration | null;
  readonly allow: ReadonlySet<Allowance>;
  /** By the name of the migration that requires them. What is not known yet is left to the run. */
  readonly unready?: ReadonlyMap<string, readonly Unready[]> | undefined;
}

/** Decides what would run. */
export function planMigrations(
  { standing, to, allow, unready }: PlanRequest,
  folder: readonly Migration[],
): Plan {
  const upTo = to === null ? folder.length : folder.indexOf(to) + 1;
  const steps = standing.pending.filter((migration) => folder.indexOf(migration) < upTo);
  const problems = [
    ...findProblems(standing, folder, steps),
    ...steps.flatMap((migration) =>
      (unready?.get(migration.name) ?? []).map((one) => ({
        kind: "requires" as const,
        migration,
        unready: one,
      })),
    ),
  ];
  const obstacles =
    steps.length === 0 ? [] : problems.filter((problem) => !isAllowed(problem, allow));
  return { steps, problems, obstacles, accepted: standing.accepted };
}

/** No flag allows what cannot succeed. */
export function isAllowed({ kind }: Problem, allow: ReadonlySet<Allowance>): boolean {
  const allowed: ReadonlySet<Problem["kind"]> = allow;
  return allowed.has(kind);
}

function findProblems(
  standing: Standing,
  folder: readonly Migration[],
  steps: readonly Migration[],
): Problem[] {
  const names = new Set(standing.applied.map((row) => row.name));
  const after = folder.findLast((migration) => names.has(migration.name))?.name ?? "";
  return [
    ...standing.changed.map(({ migration, recorded }) => ({
      kind: "changed" as const,
      migration,
      recorded,
    })),
    ...standing.renamed.map(({ from, to }) => ({ kind: "renamed" as const, from, migration: to })),
    ...standing.missing.map(({ name }) => ({ kind: "missing" as const, name })),
    ...standing.outOfOrder
      .filter((migration) => steps.includes(migration))
      .map((migration) => ({ kind: "out-of-order" as const, migration, after })),
    ...steps.flatMap((migration) => oversizeOf(migration) ?? []),
    ...steps.flatMap(unrunnableOf),
    ...steps.flatMap((migration) =>
      migration.misspelt.map((misspelt) => ({ kind: "directive" as const, migration, misspelt })),
    ),
  ];
}

/**
 * Finds the migration that a user means: its name, its name without `.sql`, or its leading number where only one has it.
 * @throws OpsError MIGRATION_UNKNOWN
 */
export function findMigration(
  folder: readonly Migration[],
  wanted: string,
  nearest: (name: string, known: readonly string[]) => string | null,
): Migration {
  const exact = folder.find(({ name }) => name === wanted || name === `${wanted}.sql`);
  if (exact !== undefined) return exact;
  const numbered = folder.filter(
    ({ name }) => /^\d+$/.test(wanted) && leadingNumber(name) === Number(wanted),
  );
  const [only] = numbered;
  if (only !== undefined && numbered.length === 1) return only;
  const known = folder.map(({ name }) => name);
  const guess = nearest(wanted, known);
  throw new OpsError(
    "MIGRATION_UNKNOWN",
    { name: wanted, known },
    {
      message:
        numbered.length > 1
          ? `${numbered.length} migrations have the number ${wanted}: ${numbered.map(({ name }) => name).join(", ")}.`
          : `There is no migration ${wanted} in the folder.`,
      hint:
        guess === null
          ? offer("To list them", command("migrate status"))
          : `Did you mean ${guess}?`,
    },
  );
}

function leadingNumber(name: string): number {
  return Number.parseInt(name, 10);
}
