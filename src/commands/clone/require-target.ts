/** @module Which databases a clone may replace. */
import type { DatabasePlace } from "../../options/place.ts";
import { localTarget, targetOf } from "../../project/open-database.ts";
import type { Project } from "../../project/project.ts";
import { requirePlace } from "../../project/require-place.ts";
import { OpsError } from "../../report/error.ts";
import type { Target } from "../../report/report.ts";
import type { CloneOptions } from "./options.ts";
import { remoteIdOf, requireNotProduction } from "./require-not-production.ts";

/**
 * `here`: the project at the database that is cloned. Null for a snapshot.
 * @throws OpsError USAGE if it is production or FROM, ENVIRONMENT_MISSING, REMOTE_DATABASE_UNKNOWN
 */
export async function requireTarget(
  there: Project<CloneOptions>,
  to: DatabasePlace,
  here: Project<CloneOptions> | null,
): Promise<Target> {
  const { settings, verb, options } = there;
  if (to.kind === "local")
    await requirePlace({ verb, options: { ...options, place: "local" } }, settings);
  const target = await targetAt(there);
  await there.byPlace({ local: async () => {}, remote: requireNotProduction })(there, target);
  if (here !== null) requireOther(target, await targetAt(here));
  return target;
}

/** @throws OpsError USAGE */
export function requireOther(target: Target, from: Pick<Target, "place" | "id">): void {
  if (from.place !== target.place || from.id !== target.id) return;
  const message = `FROM and TO are the same database: ${target.database}.`;
  const hint = "Name another database as TO.";
  throw new OpsError("USAGE", { argument: "TO" }, { message, hint });
}

/** If Cloudflare has no such database, the id is empty, and opening the database fails later. */
async function targetAt(project: Project<CloneOptions>): Promise<Target> {
  const { settings } = project;
  const { database } = settings;
  return project.byPlace({
    local: async () => localTarget(settings, database),
    remote: async () => ({
      ...targetOf(settings, database, "remote"),
      id: (await remoteIdOf(project, settings, database)) ?? "",
    }),
  })();
}
