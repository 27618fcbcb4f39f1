/** @module The report of `snapshot take`. */
import { command } from "../../report/command.ts";
import type { Body } from "../../report/report-body.ts";
import type { Finding } from "../../report/report.ts";
import { accuracyFindings } from "./accuracy-findings.ts";
import type { Manifest, SnapshotFile, SnapshotTable } from "../store/manifest.ts";
import type { Snapshot } from "../store/manifests.ts";
import { contentSteps } from "./snapshot-show-report.ts";
import { contentText, moment, shortId, size, snapshotData, sourceText } from "./snapshot-words.ts";
import type { Taken } from "../take/take.ts";

export interface TakeResult {
  readonly taken: Taken;
  /** As many digits of the id as the store needs. */
  readonly short: string;
  /** The store, as a message names it. */
  readonly location: string;
  readonly previous: Snapshot | null;
  /** Nothing was written. */
  readonly dryRun: boolean;
  readonly isEncrypted: boolean;
}

export function snapshotTakeReport({
  taken,
  short,
  location,
  previous,
  dryRun,
  isEncrypted,
}: TakeResult): Body {
  const { id, manifest, isAppended, added } = taken;
  const tables = manifest.database?.tables ?? [];
  const steps = contentSteps(tables, manifest.files, (one) => sinceText(one, previous));
  const content = `${sourceText(manifest)}, ${contentText(manifest)}`;
  const accuracy = accuracyFindings(taken, "error");
  const isWrong = accuracy.some(({ level }) => level === "error");
  const findings = [...accuracy, ...clockFindings(manifest, previous)];
  return {
    outcome: isWrong ? "problems" : dryRun ? "ok" : "changed",
    summary: dryRun
      ? `Would take a snapshot of ${content}: ${size(added)} to store in ${location}`
      : `Took the snapshot ${short} of ${content}: ${size(added)} added to ${location}`,
    steps: dryRun ? steps.map((one) => ({ ...one, status: "planned" })) : steps,
    findings,
    data: {
      store: location,
      encrypted: isEncrypted,
      snapshot: { ...snapshotData({ id, manifest, isAppended }), id: dryRun ? null : id },
      addedBytes: added,
      previous: previous?.id ?? null,
    },
    next: dryRun || isAppended ? [] : [command("snapshot verify", short, "--drill")],
  };
}

/** The clock of one of the two was wrong, and the newest snapshot is not the one that the user expects. */
function clockFindings({ takenAt }: Manifest, previous: Snapshot | null): Finding[] {
  if (previous === null || Date.parse(previous.manifest.takenAt) <= Date.parse(takenAt)) return [];
  const id = shortId(previous.id);
  return [
    {
      rule: "newer-snapshot",
      level: "warning",
      message: `The snapshot ${id} was taken at ${moment(previous.manifest.takenAt)}, which is later than the time of this snapshot. So \`latest\` does not name this snapshot.`,
      help: "Check the clock of this computer. Until that time, name new snapshots by their ids.",
      data: { snapshot: previous.id },
    },
  ];
}

/** Null if there was no earlier snapshot of the same database. */
function sinceText(one: SnapshotTable | SnapshotFile, previous: Snapshot | null): string | null {
  if (previous === null) return null;
  const { database, files } = previous.manifest;
  if ("sha256" in one) {
    const before = files.find(({ path }) => path === one.path);
    if (before === undefined) return "new";
    return before.sha256 === one.sha256 ? "unchanged" : "changed";
  }
  const before = database?.tables.find(({ name }) => name === one.name);
  if (before === undefined) return "new";
  return before.digest === one.digest ? "unchanged" : "changed";
}
