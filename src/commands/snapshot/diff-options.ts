/** @module The options of `snapshot diff`, and the sides that they mean. */
import * as kinds from "../../options/kinds.ts";
import { optionsOf } from "../../options/check-options.ts";
import { OpsError } from "../../report/error.ts";
import type { OnProgress } from "../../report/progress.ts";
import type { Target } from "../../report/report.ts";
import { SNAPSHOT, type SnapshotOptions } from "./snapshot-options.ts";

export interface SnapshotDiffOptions extends SnapshotOptions {
  /** The beginning of an id, `latest` (default), `local` or `remote`. At least one side is a snapshot. */
  readonly left?: string;
  /** The same. Default: the place, which is `local` if it is absent. */
  readonly right?: string;
  /** Compares only these tables, and no files. */
  readonly tables?: readonly string[];
  /** With the old and the new values of the rows. */
  readonly showValues?: boolean;
  /** The most rows of each table in the report. Default: 10. */
  readonly limit?: number;
  /** Called from time to time: rows of the database, then bytes of the files. */
  readonly onProgress?: OnProgress;
}

export const readDiffOptions: (given: SnapshotDiffOptions) => SnapshotDiffOptions =
  optionsOf<SnapshotDiffOptions>("snapshotDiff", {
    ...SNAPSHOT,
    left: kinds.optional(kinds.name),
    right: kinds.optional(kinds.name),
    tables: kinds.optional(kinds.listOf(kinds.name)),
    showValues: kinds.optional(kinds.flag),
    limit: kinds.optional(kinds.wholeNumber(0, 1_000_000)),
    onProgress: kinds.optional(kinds.listener<OnProgress>()),
  });

/** With both sides named. */
export interface NamedSides extends SnapshotDiffOptions {
  readonly left: string;
  readonly right: string;
}

export function isPresent(side: string): side is Target["place"] {
  return side === "local" || side === "remote";
}

/** Names both sides, and the place of the present. @throws OpsError USAGE */
export function withSides(options: SnapshotDiffOptions): NamedSides {
  const { left = "latest", place } = options;
  const right = options.right ?? (isPresent(left) ? "latest" : (place ?? "local"));
  const present = [left, right].filter(isPresent);
  const [word] = present;
  if (present.length > 1) {
    const message = `Neither ${left} nor ${right} is a snapshot, and one side has to be one.`;
    const hint = "Compare each of them with a snapshot, such as latest.";
    throw new OpsError("USAGE", { argument: right }, { message, hint });
  }
  if (word !== undefined && place !== undefined && word !== place) {
    const message = `--${place} contradicts ${word}.`;
    throw new OpsError(
      "USAGE",
      { argument: `--${place}` },
      { message, hint: `Leave --${place} out.` },
    );
  }
  const placed = word ?? place;
  return { ...options, left, right, ...(placed !== undefined && { place: placed }) };
}
