/**
 * `migrate apply --allow-changed` where nothing is pending: only records what it accepts.
 * @module
 */
import type { Database } from "../../database/port.ts";
import { readAuthor } from "../../files/author.ts";
import { type Acceptance, acceptancesOf, recordAcceptances } from "../../migrations/acceptance.ts";
import type { Allowance, Plan } from "../../migrations/plan.ts";
import { command, offer } from "../../report/command.ts";
import { demandConfirmation } from "../../project/confirm.ts";
import { toolName } from "../../project/envelope.ts";
import type { WriteOptions } from "../../project/options.ts";
import type { Project } from "../../project/project.ts";
import type { Body } from "../../report/report-body.ts";
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
  await demandConfirmation(project, {
    action: `accept ${changes(accepts)} of applied files`,
    target,
    account: null,
    steps: accepts.map(({ name }) => name),
    destructive: [],
    look: offer("To see what was changed", command("migrate status")),
  });
  const author = { ...readAuthor(projectPath), tool: toolName() };
  await recordAcceptances(d1, table, accepts, author, project.sleep);
  const body: Body = {
    outcome: "ok",
    summary: "Nothing to apply",
    findings: problemFindings(plan, allow),
    data: { applied: [], byOthers: [], pending: [] },
  };
  return withAcceptances(body, accepts);
}

/** Of a run that applied nothing, and recorded these. */
export function withAcceptances(body: Body, accepts: readonly Acceptance[]): Body {
  if (accepts.length === 0) return body;
  return {
    ...body,
    outcome: "changed",
    summary: `${body.summary}, ${changes(accepts)} accepted`,
    data: { ...body.data, accepted: accepts.map(({ name }) => name) },
  };
}

function changes({ length }: readonly Acceptance[]): string {
  return count(length, "change");
}
