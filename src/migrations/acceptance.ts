/**
 * What somebody has accepted: an applied file that was edited, or one that is gone. A row of our ledger says so, under a ledger name of its
 * own, so that other versions of d1ops leave it alone. It holds for that text: another edit is a change again.
 * @module
 */
import { refusalOf } from "../failure/kind.ts";
import { untilKnown } from "../failure/retry.ts";
import type { D1Database, D1PreparedStatement } from "../database/port.ts";
import { type Author, createLedgers } from "./batch.ts";
import { OpsError } from "../report/error.ts";
import { acceptedLedger, NO_FILE, OWN_LEDGER } from "./ledger.ts";
import type { Allowance, Plan } from "./plan.ts";

/** To be recorded. */
export interface Acceptance {
  readonly name: string;
  /** Of the file as it is now; {@link NO_FILE} where there is none. */
  readonly checksum: string;
}

/** What a run with these allowances accepts. A file that is run under a new name has none under its old one. */
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

/** Part of a batch, after the statements that make the ledgers. Written twice it is written once. */
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

/** Where no migration of the run takes them along. @throws OpsError LEDGER_INVALID, and those of the database */
export async function recordAcceptances(
  d1: D1Database,
  table: string,
  acceptances: readonly Acceptance[],
  author: Author,
  sleep: (ms: number) => Promise<void>,
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
        message: `The acceptance could not be recorded in ${OWN_LEDGER}: ${refusal.reason}`,
        hint: "Does something else change that table, or has it a trigger? Its columns are described in migrations/README.md of the package d1ops.",
      },
      { cause: error },
    );
  }
}

const ACCEPT = `INSERT OR REPLACE INTO ${OWN_LEDGER}
  (ledger, name, checksum, started_at, applied_by, git_commit, tool)
VALUES (?, ?, ?, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), ?, ?, ?)`;
