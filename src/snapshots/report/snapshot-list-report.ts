/** @module The report of `snapshot list`. */
import { command, offer } from "../../report/command.ts";
import { type Body, errorFinding, step } from "../../report/report-body.ts";
import type { Finding, Json, Step } from "../../report/report.ts";
import { count } from "../../report/wording.ts";
import type { Catalog } from "../store/catalog.ts";
import { isDamage, type OpsError } from "../errors.ts";
import type { Snapshot } from "../store/manifests.ts";
import { newestProofs, type Proofs, type StoredProof } from "../verify/proof.ts";
import { sizesOf } from "../store/sizes.ts";
import {
  age,
  contentText,
  labelText,
  moment,
  proofsData,
  provenText,
  shortId,
  shortIds,
  size,
  snapshotData,
  sourceText,
} from "./snapshot-words.ts";
import type { StoredObject } from "../store/store.ts";

/** `now`: for the ages. Outcome `problems` if the manifest of a snapshot cannot be read. */
export function snapshotListReport(
  { location, snapshots, unreadable }: Catalog,
  proofs: Proofs,
  now: Date,
): Body {
  const short = shortIds([...snapshots, ...unreadable].map(({ id }) => id));
  const [newest] = snapshots;
  return {
    outcome: unreadable.length > 0 ? "problems" : "ok",
    summary: summary(snapshots.length, unreadable.length, location),
    steps: snapshots.map((one) => line(one, short(one.id), newestProofs(one.id, proofs), now)),
    findings: [...unreadableFindings({ unreadable }), ...unreadableProofFindings(proofs)],
    data: {
      store: location,
      snapshots: snapshots.map((one) => entry(one, newestProofs(one.id, proofs))),
      locked: 0,
    },
    next:
      newest === undefined
        ? [command("snapshot take")]
        : [command("snapshot show", short(newest.id))],
  };
}

/** The report of a list without the key of an encrypted store. */
export function lockedListReport(
  location: string,
  objects: readonly StoredObject[],
  error: OpsError<"SNAPSHOT_LOCKED">,
): Body {
  const newest = objects
    .map(({ writtenAt }) => writtenAt)
    .toSorted()
    .at(-1);
  const written = newest === undefined ? "" : ` The newest was written at ${moment(newest)}.`;
  return {
    outcome: "ok",
    summary: `${count(objects.length, "snapshot")} in ${location}, locked`,
    findings: [
      errorFinding(error, "warning", {
        rule: "snapshot-locked",
        message: `${error.message} A list without it shows only how many snapshots there are.${written}`,
      }),
    ],
    data: { store: location, snapshots: [], locked: objects.length },
  };
}

/** For each report that reads all manifests of a store. `warning`: the report is about another snapshot. */
export function unreadableFindings(
  { unreadable }: Pick<Catalog, "unreadable">,
  level: "error" | "warning" = "error",
): Finding[] {
  return unreadable.map(({ id, error }) =>
    errorFinding(error, level, {
      rule: "snapshot-unreadable",
      message: `The manifest of the snapshot ${shortId(id)} cannot be read, so this snapshot is lost unless you restore its manifest: ${error.message}`,
      data: { snapshot: id, code: error.code },
    }),
  );
}

/** They prove nothing, and nothing else depends on them. But a damaged one shows that the store loses bytes. */
function unreadableProofFindings({ unreadable }: Proofs): Finding[] {
  return unreadable.map(({ object: { name }, error }) =>
    errorFinding(error, "warning", {
      rule: "proof-unreadable",
      message: `A proof cannot be read, so a snapshot may count as not proven: ${error.message}`,
      help: isDamage(error)
        ? offer("To prove every snapshot again", command("snapshot verify", "--all"))
        : error.hint,
      data: { object: `proofs/${name}`, code: error.code },
    }),
  );
}

function summary(snapshots: number, unreadable: number, location: string): string {
  const parts = [
    snapshots === 0 ? "No snapshots" : count(snapshots, "snapshot"),
    ...(unreadable === 0 ? [] : [`${unreadable} unreadable`]),
  ];
  return `${parts.join(", ")} in ${location}`;
}

function line(
  { manifest, isAppended }: Snapshot,
  name: string,
  proofs: readonly StoredProof[],
  now: Date,
): Step {
  const { takenAt, label } = manifest;
  const parts = [
    `${moment(takenAt)} (${age(takenAt, now)})`,
    sourceText(manifest),
    `${contentText(manifest)} (${size(sizesOf(manifest).storedBytes)} stored)`,
    provenText(proofs, now),
    ...(isAppended ? ["added with the append-only key"] : []),
    ...(label === null ? [] : [labelText(label)]),
  ];
  return step(name, "done", parts.join(", "));
}

/** An entry of `data.snapshots`: without tables and files, of which `snapshot show` has all. */
function entry(
  snapshot: Snapshot,
  proofs: readonly StoredProof[],
): { readonly [key: string]: Json } {
  const { database, files } = snapshot.manifest;
  return {
    ...snapshotData(snapshot),
    tables: database?.tables.length ?? 0,
    files: files.length,
    proofs: proofsData(proofs),
  };
}
