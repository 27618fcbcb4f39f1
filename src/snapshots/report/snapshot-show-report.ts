/** @module The report of `snapshot show`: everything that a snapshot contains. */
import { command } from "../../report/command.ts";
import { type Body, step } from "../../report/report-body.ts";
import type { Finding, Step } from "../../report/report.ts";
import { count } from "../../report/wording.ts";
import { accuracyFindings } from "./accuracy-findings.ts";
import type { SnapshotFile, SnapshotTable } from "../store/manifest.ts";
import type { Snapshot } from "../store/manifests.ts";
import type { StoredProof } from "../verify/proof.ts";
import { bytesOf, sizesOf } from "../store/sizes.ts";
import {
  age,
  appendedFindings,
  contentText,
  labelText,
  moment,
  proofsData,
  provenText,
  size,
  snapshotData,
  sourceText,
} from "./snapshot-words.ts";

export interface Shown extends Snapshot {
  /** As many digits of the id as the store needs. */
  readonly short: string;
  /** The store, as a message names it. */
  readonly location: string;
  /** The newest of each kind, newest first. */
  readonly proofs: readonly StoredProof[];
}

/** `now`: for the age. */
export function snapshotShowReport(
  { short, location, proofs, ...snapshot }: Shown,
  now: Date,
): Body {
  const { manifest } = snapshot;
  const { takenAt, label, database, files } = manifest;
  const named = label === null ? "" : `, ${labelText(label)}`;
  return {
    outcome: "ok",
    summary: `${short} of ${sourceText(manifest)}, taken ${moment(takenAt)} (${age(takenAt, now)})${named}: ${contentText(manifest)}, ${size(sizesOf(manifest).storedBytes)} stored, ${provenText(proofs, now)}`,
    steps: contentSteps(database?.tables ?? [], files),
    findings: [
      about(snapshot),
      ...appendedFindings(snapshot),
      ...accuracyFindings(snapshot, "warning"),
    ],
    data: { store: location, snapshot: { ...snapshotData(snapshot), proofs: proofsData(proofs) } },
    next: [
      command("snapshot verify", short, "--drill"),
      command("snapshot restore", short, "--local", "--dry-run"),
    ],
  };
}

/** A step for each table and each file. `noteOf` adds a remark. */
export function contentSteps(
  tables: readonly SnapshotTable[],
  files: readonly SnapshotFile[],
  noteOf: (one: SnapshotTable | SnapshotFile) => string | null = () => null,
): Step[] {
  const note = (one: SnapshotTable | SnapshotFile, text: string): string =>
    [text, noteOf(one)].filter((part) => part !== null).join(", ");
  return [
    ...tables.map((one) => ({
      ...step(
        one.name,
        "done",
        note(one, `${count(one.rows, "row")}, ${size(bytesOf(one.chunks))}`),
      ),
      rowsRead: one.rows,
    })),
    ...files.map((one) => step(one.path, "done", note(one, size(one.bytes)))),
  ];
}

function about({ id, manifest }: Snapshot): Finding {
  const { database, git, worker, tool, digest } = manifest;
  const lines = [
    `The id is ${id}, and the digest of the content is ${digest}.`,
    `${tool} took it.`,
    ...(database === null
      ? []
      : [
          `${count(database.schema.length, "object")} in the schema.`,
          database.migration === null
            ? "No migration was recorded."
            : `The last migration was ${database.migration}.`,
        ]),
    ...(git === null
      ? []
      : [
          `The commit was ${git.commit}${git.dirty ? ", and tracked files had changes that were not committed" : ""}.`,
        ]),
  ];
  if (worker !== undefined) {
    const versions = worker.versions.map(({ id: version, percentage }) =>
      percentage === 100 ? version : `${version} (${percentage} %)`,
    );
    lines.push(`The Worker ${worker.name} had the version ${versions.join(" and ")}.`);
  }
  return { rule: "snapshot-details", level: "info", message: lines.join("\n") };
}
