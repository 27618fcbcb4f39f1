/** @module What the options of `snapshot prune` and the settings keep. */
import type { AnyProject } from "../../project/project.ts";
import { OpsError } from "../../report/error.ts";
import { parseCalendarDuration } from "../../snapshots/prune/calendar-duration.ts";
import type { Policy } from "../../snapshots/prune/retention.ts";
import type { SnapshotPruneOptions } from "./prune-options.ts";

/** A flag takes precedence over the setting of the same rule. The other rules stay. @throws OpsError USAGE if `keepWithin` is not a duration */
export function policyOf({ options, setting }: AnyProject<SnapshotPruneOptions>): Policy {
  const { keepWithin } = options;
  const duration = keepWithin ?? setting("snapshots.retention.within");
  const within = duration === null ? null : parseCalendarDuration(duration);
  if (keepWithin !== undefined && within === null) throw noDuration(keepWithin);
  return {
    counts: {
      last: options.keepLast ?? setting("snapshots.retention.last") ?? 0,
      hourly: options.keepHourly ?? setting("snapshots.retention.hourly") ?? 0,
      daily: options.keepDaily ?? setting("snapshots.retention.daily") ?? 0,
      weekly: options.keepWeekly ?? setting("snapshots.retention.weekly") ?? 0,
      monthly: options.keepMonthly ?? setting("snapshots.retention.monthly") ?? 0,
      yearly: options.keepYearly ?? setting("snapshots.retention.yearly") ?? 0,
    },
    within,
    labels: options.keepLabel ?? setting("snapshots.retention.labels") ?? [],
  };
}

function noDuration(text: string): OpsError<"USAGE"> {
  const message = `--keep-within is ${JSON.stringify(text)}, which is not a duration.`;
  const hint = "Write years, months, days and hours, such as --keep-within 1y5m7d2h. A week is 7d.";
  return new OpsError("USAGE", { argument: "--keep-within" }, { message, hint });
}
