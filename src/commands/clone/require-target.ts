/** @module Which databases a clone may replace. */
import type { DatabasePlace } from "../../options/place.ts";
import { localTarget } from "../../project/open-database.ts";
import type { Project } from "../../project/project.ts";
import { requirePlace } from "../../project/require-place.ts";
import { OpsError } from "../../report/error.ts";
import type { Target } from "../../report/report.ts";
import type { CloneOptions } from "./options.ts";

/** `here`: the project at the database that is cloned. Null for a snapshot. @throws OpsError USAGE, ENVIRONMENT_MISSING */
export async function requireTarget(
  there: Project<CloneOptions>,
  to: DatabasePlace,
  here: Project<CloneOptions> | null,
): Promise<Target> {
  const { settings, verb, options } = there;
  if (to.kind === "local")
    await requirePlace({ verb, options: { ...options, place: "local" } }, settings);
  const target = localTarget(settings, settings.database);
  const isSame =
    here?.place === there.place &&
    localTarget(here.settings, here.settings.database).id === target.id;
  if (!isSame) return target;
  const message = `FROM and TO are the same database: ${target.database}.`;
  const hint = "Name another database as TO.";
  throw new OpsError("USAGE", { argument: "TO" }, { message, hint });
}
