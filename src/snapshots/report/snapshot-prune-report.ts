/** @module The report of `snapshot prune`. */
import { command } from "../../report/command.ts";
import { type Body, errorFinding, partialOutcome, step } from "../../report/report-body.ts";
import type { OpsError } from "../../report/error.ts";
import type { Finding, Json, Step } from "../../report/report.ts";
import { count, listed } from "../../report/wording.ts";
import type { Snapshot } from "../store/manifests.ts";
import { IN_USE, type PruneGroup, type PrunePlan, type PruneVerdict } from "../prune/prune-plan.ts";
import { labelText, moment, shortIds, size } from "./snapshot-words.ts";
import type { StoredObject } from "../store/store.ts";

export interface Prune {
  readonly plan: PrunePlan;
  /** As a message names the store. */
  readonly location: string;
}

export type PruneEnd =
  | { readonly kind: "nothing to do" }
  | { readonly kind: "dry run" }
  | { readonly kind: "deleted" }
  /** `deleted`: the number of objects before the error. */
  | { readonly kind: "stopped"; readonly deleted: number; readonly error: OpsError };

/** In the order in which they are deleted. */
export function deletionsOf({ manifests, packs, proofs }: PrunePlan): readonly StoredObject[] {
  return [...manifests, ...packs, ...proofs];
}

/** `2 snapshots, 3 packs and 1 proof (1.2 MB) of /home/nia/shop/backups` */
export function deletionText({ plan, location }: Prune): string {
  const { manifests, packs, proofs } = plan;
  const parts = [
    ...(manifests.length > 0 ? [count(manifests.length, "snapshot")] : []),
    ...(packs.length > 0 ? [count(packs.length, "pack")] : []),
    ...(proofs.length > 0 ? [count(proofs.length, "proof")] : []),
  ];
  return `${listed(parts)} (${size(bytesOf(deletionsOf(plan)))}) of ${location}`;
}

/** The snapshots that are to be deleted, one a line. */
export function deletionLines({ plan }: Prune): string[] {
  const short = shortIdsOf(plan);
  return plan.groups.flatMap((group) =>
    group.verdicts
      .filter(isRemoved)
      .map(({ snapshot }) => `${short(snapshot.id)}  ${aboutText(group, snapshot)}`),
  );
}

export function pruneReport(prune: Prune, end: PruneEnd): Body {
  const { plan, location } = prune;
  const { manifests, packs, proofs, waiting } = plan;
  const deletes = end.kind === "nothing to do" ? [] : deletionsOf(plan);
  const deleted = deletes.slice(0, end.kind === "stopped" ? end.deleted : deletes.length);
  const gone = new Set(end.kind === "dry run" ? [] : deleted.map(({ name }) => name));
  return {
    ...(end.kind === "stopped"
      ? partialOutcome(end.error)
      : { outcome: end.kind === "deleted" ? "changed" : "ok" }),
    summary: summary(prune, end),
    steps: steps(plan, gone, end),
    findings: [
      ...(end.kind === "stopped" ? [errorFinding(end.error, "error")] : []),
      ...laterFindings(plan),
    ],
    data: {
      store: location,
      groups: plan.groups.map(groupData),
      deleted: {
        snapshots: manifests.filter(({ name }) => gone.has(name)).length,
        packs: packs.filter(({ name }) => gone.has(name)).length,
        proofs: proofs.filter(({ name }) => gone.has(name)).length,
        bytes: end.kind === "dry run" ? 0 : bytesOf(deleted),
      },
      planned: {
        snapshots: manifests.length,
        packs: packs.length,
        proofs: proofs.length,
        bytes: bytesOf(deletionsOf(plan)),
      },
      waiting: { packs: waiting.length, bytes: bytesOf(waiting) },
    },
    next: end.kind === "dry run" || end.kind === "stopped" ? [command("snapshot prune")] : [],
  };
}

function summary(prune: Prune, end: PruneEnd): string {
  const { groups } = prune.plan;
  const all = groups.flatMap(({ verdicts }) => verdicts).length;
  switch (end.kind) {
    case "nothing to do":
      return all === 0
        ? `No snapshots in ${prune.location}`
        : `Nothing to delete: ${prune.location} keeps ${all === 1 ? "its snapshot" : `all ${count(all, "snapshot")}`}`;
    case "dry run":
      return `Would delete ${deletionText(prune)}`;
    case "deleted":
      return `Deleted ${deletionText(prune)}`;
    case "stopped":
      return `Stopped: deleted ${end.deleted} of ${deletionText(prune)}`;
  }
}

function steps(plan: PrunePlan, gone: ReadonlySet<string>, { kind }: PruneEnd): Step[] {
  const short = shortIdsOf(plan);
  const status = (verdict: PruneVerdict): Step["status"] => {
    if (!isRemoved(verdict)) return "skipped";
    if (kind === "dry run") return "planned";
    return gone.has(verdict.snapshot.id) ? "done" : "failed";
  };
  return plan.groups.flatMap((group) =>
    group.verdicts.map((verdict) => {
      const { snapshot, reasons } = verdict;
      const why = reasons.length === 0 ? "" : `, kept: ${reasons.join(", ")}`;
      return step(short(snapshot.id), status(verdict), `${aboutText(group, snapshot)}${why}`);
    }),
  );
}

/** What a later prune will delete. */
function laterFindings({ groups, waiting }: PrunePlan): Finding[] {
  const used = groups
    .flatMap(({ verdicts }) => verdicts)
    .filter(({ reasons }) => reasons.includes(IN_USE)).length;
  return [
    ...(used === 0
      ? []
      : [
          {
            rule: "snapshots-in-use",
            level: "info" as const,
            message: `${count(used, "snapshot")} that no rule keeps ${used === 1 ? "was" : "were"} the newest within the last 24 hours, so a running take may use ${used === 1 ? "it" : "them"}. A later prune deletes ${used === 1 ? "it" : "them"}.`,
          },
        ]),
    ...(waiting.length === 0
      ? []
      : [
          {
            rule: "packs-in-use",
            level: "info" as const,
            message: `${count(waiting.length, "pack")} (${size(bytesOf(waiting))}) that no snapshot needs ${waiting.length === 1 ? "is" : "are"} younger than 24 hours, so a running take may have written ${waiting.length === 1 ? "it" : "them"}. A later prune deletes ${waiting.length === 1 ? "it" : "them"}.`,
          },
        ]),
  ];
}

function aboutText({ name }: PruneGroup, { manifest }: Snapshot): string {
  const label = manifest.label === null ? "" : `, ${labelText(manifest.label)}`;
  return `${moment(manifest.takenAt)}, ${name}${label}`;
}

function groupData({ name, verdicts }: PruneGroup): Json {
  const about = ({
    snapshot: { id, manifest },
  }: PruneVerdict): { readonly [key: string]: Json } => ({
    id,
    takenAt: manifest.takenAt,
    label: manifest.label,
  });
  const kept = verdicts.filter((one) => !isRemoved(one));
  return {
    name,
    kept: kept.map((one) => ({ ...about(one), reasons: [...one.reasons] })),
    removed: verdicts.filter(isRemoved).map(about),
  };
}

function isRemoved({ reasons }: PruneVerdict): boolean {
  return reasons.length === 0;
}

function shortIdsOf({ groups }: PrunePlan): (id: string) => string {
  return shortIds(groups.flatMap(({ verdicts }) => verdicts.map(({ snapshot }) => snapshot.id)));
}

function bytesOf(objects: readonly StoredObject[]): number {
  return objects.reduce((sum, { bytes }) => sum + bytes, 0);
}
