/**
 * `migrate apply --allow-changed` where nothing is pending: only records what it accepts.
 * @module
 */
import { untilKnown } from "../../failure/retry.ts";
import type { Database } from "../../database/port.ts";
import { readAuthor } from "../../files/author.ts";
import { acceptancesOf, acceptStatements } from "../../migrations/acceptance.ts";
import { createLedgers } from "../../migrations/batch.ts";
import type { Allowance, Plan } from "../../migrations/plan.ts";
import { command, offer } from "../../report/command.ts";
import { demandConfirmation } from "../../project/confirm.ts";
import { toolName } from "../../project/envelope.ts";
import type { WriteOptions } from "../../project/options.ts";
import type { Project } from "../../project/project.ts";
import type { Body } from "../../report/body.ts";
import { count } from "../../report/wording.ts";
import { problemFindings } from "../../migrations/plan-report.ts";

/** @throws OpsError NOT_CONFIRMED, and those of the database */
export async function acceptOnly(
  project: Project<WriteOptions>,
  { d1, target }: Database,
  plan: Plan,
  allow: ReadonlySet<Allowance>,
): Promise<Body> {
  const { projectPath, database } = project.settings;
  const table = database.migrationsTable;
  const accepts = acceptancesOf(plan, allow);
  const what = count(accepts.length, "change");
  await demandConfirmation(project, {
    action: `accept ${what} of applied files`,
    target,
    account: null,
    steps: accepts.map(({ name }) => name),
    destructive: [],
    look: offer("To see what was changed", command("migrate status")),
  });
  const author = { ...readAuthor(projectPath), tool: toolName() };
  await untilKnown(project.sleep, async () =>
    d1.batch([...createLedgers(d1, table), ...acceptStatements(d1, table, accepts, author)]),
  );
  return {
    outcome: "changed",
    summary: `Nothing to apply, ${what} accepted`,
    findings: problemFindings(plan, allow),
    data: { applied: [], byOthers: [], pending: [], accepted: accepts.map(({ name }) => name) },
  };
}
