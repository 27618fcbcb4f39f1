/**
 * Accepted differences: an applied file that was edited or deleted on purpose. A row of d1ops's ledger records them, under a
 * ledger name of its own, so that other versions of d1ops ignore it. An acceptance covers one text: another edit is a change again.
 * @module
 */
import { refusalOf } from "../failure/kind.ts";
import { untilKnown } from "../failure/retry.ts";
import type { D1Database, D1PreparedStatement } from "../database/port.ts";
import { OpsError } from "../report/error.ts";
import { acceptedLedger, type Author, createLedgers, NO_FILE, OWN_LEDGER } from "./ledger.ts";
import type { Allowance, Plan } from "./plan.ts";

export interface Acceptance {
  readonly name: string;
  /** The checksum of the current file; {@link NO_FILE} if there is none. */
  readonly checksum: string;
}

/** Returns what a run with these allowances accepts. A renamed file that runs again leaves no file under its old name. */
export function acceptancesOf(
  { problems, steps }: Plan,
  allow: ReadonlySet<Allowance>,
): Acceptance[] {
  return problems.flatMap((problem): Acceptance[] => {
    if (problem.kind === "changed" && allow.has("changed")) {
      return [{ name: problem.migration.name, checksum: problem.migration.checksum }];
    }
    if (problem.kind === "missing" && allow.has("missing")) {
      return [{ name: problem.name, checksum: NO_FILE }];
    }
    if (problem.kind === "renamed" && allow.has("renamed") && steps.includes(problem.migration)) {
      return [{ name: problem.from, checksum: NO_FILE }];
    }
    return [];
  });
}

/** Statements that record acceptances, after those that create the ledgers. They are idempotent. */
export function acceptStatements(
  d1: D1Database,
  table: string,
  acceptances: readonly Acceptance[],
  { appliedBy, commit, tool }: Author,
): D1PreparedStatement[] {
  return acceptances.map(({ name, checksum }) =>
    d1.prepare(ACCEPT).bind(acceptedLedger(table), name, checksum, appliedBy, commit, tool),
  );
}

export interface RecordContext {
  readonly d1: D1Database;
  /** The name of wrangler's ledger. */
  readonly table: string;
  readonly author: Author;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Records acceptances for which no migration of the run has a batch. @throws OpsError LEDGER_INVALID, and errors of the database */
export async function recordAcceptances(
  acceptances: readonly Acceptance[],
  { d1, table, author, sleep }: RecordContext,
): Promise<void> {
  try {
    await untilKnown(sleep, async () =>
      d1.batch([...createLedgers(d1, table), ...acceptStatements(d1, table, acceptances, author)]),
    );
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === null) throw error;
    throw new OpsError(
      "LEDGER_INVALID",
      { table: OWN_LEDGER, columns: [] },
      {
        message: `d1ops could not record the acceptance in ${OWN_LEDGER}: ${refusal.reason}`,
        hint: "Check whether another program changes that table, or whether it has a trigger. migrations/README.md of the package d1ops describes its columns.",
      },
      { cause: error },
    );
  }
}

const ACCEPT = `INSERT OR REPLACE INTO ${OWN_LEDGER}
  (ledger, name, checksum, started_at, applied_by, git_commit, tool)
VALUES (?, ?, ?, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), ?, ?, ?)`;
