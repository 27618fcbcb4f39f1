/**
 * `migrate apply --allow-changed` where nothing is pending: only records what it accepts.
 * @module
 */
import { untilKnown } from "../../failure/retry.ts";
import type { Settings } from "../../config/settings.ts";
import type { Database } from "../../database/port.ts";
import { readAuthor } from "../../files/author.ts";
import { type Acceptance, acceptStatements } from "../../migrations/acceptance.ts";
import { createLedgers } from "../../migrations/batch.ts";
import type { Allowance, Plan } from "../../migrations/plan.ts";
import { command, offer } from "../../report/command.ts";
import type { MigrateApplyOptions } from "./apply-run.ts";
import { demandConfirmation } from "../../project/confirm.ts";
import { type Body, toolName } from "../../project/envelope.ts";
import { problemFindings } from "./plan.ts";
import { sleeper } from "../../failure/clock.ts";

/** @throws OpsError NOT_CONFIRMED, and those of the database */
export async function acceptOnly(
  { d1, target }: Database,
  { projectPath, database }: Settings,
  plan: Plan,
  accepts: readonly Acceptance[],
  allow: ReadonlySet<Allowance>,
  options: MigrateApplyOptions,
): Promise<Body> {
  const table = database.migrationsTable;
  const what = accepts.length === 1 ? "1 change" : `${accepts.length} changes`;
  if (target.place === "remote") {
    const intent = {
      action: `accept ${what} of applied files`,
      target,
      account: null,
      steps: accepts.map(({ name }) => name),
      destructive: [],
      look: offer("To see what was changed", command("migrate status")),
    };
    await demandConfirmation("migrate apply", intent, options);
  }
  const author = { ...readAuthor(projectPath), tool: toolName() };
  await untilKnown(sleeper(options), async () =>
    d1.batch([...createLedgers(d1, table), ...acceptStatements(d1, table, accepts, author)]),
  );
  return {
    outcome: "changed",
    summary: `Nothing to apply, ${what} accepted`,
    findings: problemFindings(plan, allow),
    data: { applied: [], byOthers: [], pending: [], accepted: accepts.map(({ name }) => name) },
  };
}
