/**
 * What somebody has accepted: an applied file that was edited, or one that is gone. A row of our ledger says so, under a ledger name of its
 * own, so that other versions of d1ops leave it alone. It holds for that text: another edit is a change again.
 * @module
 */
import type { D1Database, D1PreparedStatement } from "../database/port.ts";
import type { Author } from "./batch.ts";
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

const ACCEPT = `INSERT OR REPLACE INTO ${OWN_LEDGER}
  (ledger, name, checksum, started_at, applied_by, git_commit, tool)
VALUES (?, ?, ?, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), ?, ?, ?)`;
