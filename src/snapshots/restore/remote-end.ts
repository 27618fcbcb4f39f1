/** @module How the writing of a remote database ended, for the reports of a restore and of a clone. */
import type { OpsError } from "../../report/error.ts";
import { type Body, partialOutcome } from "../../report/report-body.ts";
import type { Finding, Target } from "../../report/report.ts";
import { count } from "../../report/wording.ts";
import { atMostTen } from "../report/snapshot-words.ts";

export interface RemoteEnd {
  readonly travelled: boolean;
  /** Batches that were sent, after Time Travel if it travelled. */
  readonly batches: number;
  /** What differs from the wanted database after all: the ends of sentences. */
  readonly differences: readonly string[];
}

/** True if the database was read again, and is not as it should be. */
export function isDifferent(remote: RemoteEnd | null): boolean {
  return (remote?.differences.length ?? 0) > 0;
}

/** `stop`: what ended the change after a part of it. */
export function changeOutcome({
  stop,
  remote,
}: {
  readonly stop: { readonly error: OpsError } | null;
  readonly remote: RemoteEnd | null;
}): Pick<Body, "outcome" | "exitCode"> {
  if (stop !== null) return partialOutcome(stop.error);
  return { outcome: isDifferent(remote) ? "problems" : "changed" };
}

/** `wanted` continues "is not as": `in the snapshot 2f3a51c0`. */
export function remoteFindings(
  target: Target,
  wanted: string,
  remote: RemoteEnd | null,
): Finding[] {
  if (remote === null) return [];
  const { travelled, batches, differences } = remote;
  const how = travelled
    ? `Time Travel restored ${target.database}${batches === 0 ? "" : `. The result was not as ${wanted}, so d1ops wrote the rest in ${count(batches, "transaction")}`}.`
    : `d1ops wrote to ${target.database} in ${count(batches, "transaction")}.`;
  return [
    { rule: "restored-by", level: "info", message: how, data: { timeTravel: travelled, batches } },
    ...(differences.length === 0
      ? []
      : [
          {
            rule: "restore-incomplete",
            level: "error" as const,
            message: `${target.database} is not as ${wanted}: ${atMostTen(differences)}.`,
            help: "Another client may write to the database. Stop it, and run the same command again.",
            data: { differences },
          },
        ]),
  ];
}
