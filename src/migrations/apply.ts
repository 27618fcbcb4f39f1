/**
 * Runs a plan: one batch a migration, each with a guard on the ledger, so that any number of runners may try at once.
 * After a refused batch the ledger is read again and tells whose fault it was: somebody else was faster, or the migration failed.
 * @module
 */
import type { D1Database } from "../database/port.ts";
import { OpsError } from "../report/error.ts";
import { type Author, type LedgerState, migrationBatch } from "./batch.ts";
import { type Applied, readLedger } from "./ledger.ts";
import type { Migration } from "./migration.ts";
import { type Allowance, type Plan, type Problem, planMigrations } from "./plan.ts";
import { compareWithLedger } from "./standing.ts";

export interface ApplyRequest {
  readonly d1: D1Database;
  readonly table: string;
  readonly folder: readonly Migration[];
  readonly to: Migration | null;
  readonly allow: ReadonlySet<Allowance>;
  readonly author: Author;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
  /** Called before each migration; answers whether to go on. Here a terminal shows progress and Ctrl-C is heard. */
  readonly before: (migration: Migration, done: number, total: number) => Promise<"go on" | "stop">;
}

export type MigrationOutcome =
  | { readonly status: "done"; readonly migration: Migration; readonly durationMs: number }
  | { readonly status: "applied by someone else"; readonly migration: Migration }
  | {
      readonly status: "failed";
      readonly migration: Migration;
      readonly durationMs: number;
      readonly failure: Failure;
    }
  | { readonly status: "skipped"; readonly migration: Migration };

export type Failure =
  | {
      readonly kind: "statement";
      readonly message: string;
      /** 0-based among the migration's own. */ readonly index: number | null;
    }
  | { readonly kind: "record"; readonly message: string }
  | { readonly kind: "error"; readonly error: OpsError };

export interface ApplyResult {
  readonly outcomes: readonly MigrationOutcome[];
  /** What stopped the run before its end: nothing, the plan's problems, a failure (see outcomes), or the user. */
  readonly stopped: "no" | "obstacles" | "failure" | "interrupt";
  readonly obstacles: readonly Problem[];
  /** The ledger as it was read last before the first write. */
  readonly plan: Plan;
}

/** Applies what is pending. Throws only what made it impossible to begin. */
export async function applyMigrations(request: ApplyRequest): Promise<ApplyResult> {
  let ledger = stateOf(await readLedger(request.d1, request.table));
  const plan = replan(request, ledger.applied);
  const outcomes: MigrationOutcome[] = [];
  const end = (
    stopped: ApplyResult["stopped"],
    obstacles: readonly Problem[] = [],
  ): ApplyResult => {
    const seen = new Set(outcomes.map(({ migration }) => migration));
    const rest = plan.steps.filter((migration) => !seen.has(migration));
    return {
      outcomes: [
        ...outcomes,
        ...rest.map((migration) => ({ status: "skipped" as const, migration })),
      ],
      stopped,
      obstacles,
      plan,
    };
  };
  if (plan.obstacles.length > 0) return end("obstacles", plan.obstacles);

  for (const migration of plan.steps) {
    if ((await request.before(migration, outcomes.length, plan.steps.length)) === "stop")
      return end("interrupt");
    for (;;) {
      const attempt = await applyOne(request, migration, ledger);
      ledger = attempt.ledger;
      if (attempt.outcome === "again") {
        const { obstacles } = replan(request, ledger.applied);
        if (obstacles.length > 0) return end("obstacles", obstacles);
        continue;
      }
      outcomes.push(attempt.outcome);
      if (attempt.outcome.status === "failed") return end("failure");
      break;
    }
  }
  return end("no");
}

function replan({ folder, to, allow }: ApplyRequest, ledger: readonly Applied[]): Plan {
  return planMigrations({ standing: compareWithLedger(folder, ledger), to, allow }, folder);
}

interface Attempt {
  readonly outcome: MigrationOutcome | "again";
  readonly ledger: LedgerState;
}

async function applyOne(
  request: ApplyRequest,
  migration: Migration,
  ledger: LedgerState,
): Promise<Attempt> {
  const { d1, table, author, now } = request;
  if (ledger.applied.some(({ name }) => name === migration.name)) {
    return { outcome: { status: "applied by someone else", migration }, ledger };
  }
  const batch = migrationBatch(d1, table, migration, ledger, author);
  const started = now();
  try {
    const results = await d1.batch(batch.statements);
    const row = results[batch.ledgerRow];
    const applied = {
      id: row?.meta.last_row_id ?? 0,
      name: migration.name,
      appliedAt: "",
      record: null,
    };
    return {
      outcome: { status: "done", migration, durationMs: now() - started },
      ledger: { applied: [...ledger.applied, applied], created: true },
    };
  } catch (error) {
    const durationMs = now() - started;
    if (error instanceof OpsError) {
      return {
        outcome: { status: "failed", migration, durationMs, failure: { kind: "error", error } },
        ledger,
      };
    }
    const current = await readLedger(d1, table).catch(ours);
    if (current instanceof OpsError) {
      const failure = { kind: "error" as const, error: current };
      return { outcome: { status: "failed", migration, durationMs, failure }, ledger };
    }
    if (!sameLedger(ledger.applied, current)) return { outcome: "again", ledger: stateOf(current) };
    const failure = describe(error, batch.first, migration.statements.length);
    return { outcome: { status: "failed", migration, durationMs, failure }, ledger };
  }
}

/** Our table stands beside rows that we wrote; where there are none it may be missing, and wrangler's too. */
function stateOf(applied: readonly Applied[]): LedgerState {
  return { applied, created: applied.some(({ record }) => record !== null) };
}

function ours(error: unknown): OpsError {
  if (error instanceof OpsError) return error;
  throw error;
}

function sameLedger(one: readonly Applied[], other: readonly Applied[]): boolean {
  return one.length === other.length && one.every((row, i) => row.id === other[i]?.id);
}

function describe(error: unknown, first: number, count: number): Failure {
  const message = error instanceof Error ? error.message.replace(/^D1_ERROR: /, "") : String(error);
  const at =
    error instanceof Error && "index" in error && typeof error.index === "number"
      ? error.index
      : null;
  if (at === null) return { kind: "statement", message, index: null };
  const index = at - first;
  return index >= 0 && index < count
    ? { kind: "statement", message, index }
    : { kind: "record", message };
}
