/**
 * `snapshot verify [ID]`: reads all of a snapshot, as a restore does, and proves every hash. `--drill` also rebuilds the database. Records the
 * result in the store.
 * @module
 */
import { collectEarly } from "../../database/garbage.ts";
import { contradiction } from "../../options/contradiction.ts";
import * as kinds from "../../options/kinds.ts";
import { optionsOf } from "../../options/check-options.ts";
import { type AnyProject, type ProjectBody, withDatabases } from "../../project/project.ts";
import type { OnProgress } from "../../report/progress.ts";
import type { Report } from "../../report/report.ts";
import { type Catalog, latestOf, readCatalog } from "../../snapshots/store/catalog.ts";
import type { Snapshot } from "../../snapshots/store/manifests.ts";
import { chunkReader } from "../../snapshots/rows/read-chunk.ts";
import {
  snapshotVerifyReport,
  type Verification,
  type Verified,
} from "../../snapshots/report/snapshot-verify-report.ts";
import { shortId } from "../../snapshots/report/snapshot-words.ts";
import { verifySnapshot } from "../../snapshots/verify/verify.ts";
import { chosenIn, shortIdsOf } from "./choose.ts";
import { runDrill } from "./run-drill.ts";
import { isNamed } from "./open-store.ts";
import { recordProof } from "./record-proof.ts";
import { SNAPSHOT, type SnapshotOptions } from "./snapshot-options.ts";
import { openStore, type OpenStore } from "./unlock-store.ts";

export interface SnapshotVerifyOptions extends SnapshotOptions {
  /** The beginning of its id. Default: `latest`. */
  readonly id?: string;
  /** Every snapshot of the store. */
  readonly all?: boolean;
  /** Rebuilds each database in a temporary file, examines it, and compares each table with the snapshot. */
  readonly drill?: boolean;
  /** Called from time to time: bytes of the content, or rows of the drill. */
  readonly onProgress?: OnProgress;
}

const readOptions = optionsOf<SnapshotVerifyOptions>("snapshotVerify", {
  ...SNAPSHOT,
  id: kinds.optional(kinds.name),
  all: kinds.optional(kinds.flag),
  drill: kinds.optional(kinds.flag),
  onProgress: kinds.optional(kinds.listener<OnProgress>()),
});

/** Outcome `problems` (exit 1) if anything is damaged. @throws OpsError SNAPSHOT_UNKNOWN, SNAPSHOT_LOCKED */
export async function snapshotVerify(given: SnapshotVerifyOptions = {}): Promise<Report> {
  return withDatabases("snapshot verify", readOptions(given), verify);
}

async function verify(project: AnyProject<SnapshotVerifyOptions>): Promise<ProjectBody> {
  const opened = await openStore(project);
  const { store, codec, keyDamages } = opened;
  const catalog = await readCatalog(store, codec);
  const all = project.options.all === true;
  const { snapshots, unreadable } = wanted(project, catalog);
  const verified: Verified[] = [];
  for (const one of snapshots) {
    const verification = await verifyOne(project, opened, one);
    verified.push({ ...verification, ...(await recordProof(project, opened, verification)) });
  }
  const [only] = verified;
  const target = all ? null : (only?.snapshot.manifest.database?.source ?? null);
  return {
    ...snapshotVerifyReport({
      location: store.location,
      short: shortIdsOf(catalog),
      verified,
      unreadable,
      keyDamages,
      isDrill: project.options.drill === true,
    }),
    target,
  };
}

/** `unreadable`: those that may be meant, too. */
function wanted(
  project: AnyProject<SnapshotVerifyOptions>,
  catalog: Catalog,
): Pick<Catalog, "snapshots" | "unreadable"> {
  const { id, all } = project.options;
  if (all !== true)
    return id === undefined || id.toLowerCase() === "latest"
      ? latest(project, catalog)
      : named(project, catalog, id);
  if (id === undefined) {
    const { unreadable } = catalog;
    const snapshots = catalog.snapshots.filter(isNamed(project));
    // The disk of the store may not be mounted.
    const isNone = snapshots.length + unreadable.length === 0;
    return isNone ? named(project, catalog, "latest") : { snapshots, unreadable };
  }
  throw contradiction("--all", `the id ${id}`);
}

function named(
  project: AnyProject<SnapshotVerifyOptions>,
  catalog: Catalog,
  id: string,
): Pick<Catalog, "snapshots" | "unreadable"> {
  return { snapshots: [chosenIn(project, catalog, id).snapshot], unreadable: [] };
}

/** The newest one that can be read, and those that may be newer: a damaged manifest must not make an older snapshot the latest. */
function latest(
  project: AnyProject<SnapshotVerifyOptions>,
  catalog: Catalog,
): Pick<Catalog, "snapshots" | "unreadable"> {
  const { newest, newer: unreadable } = latestOf(catalog, isNamed(project));
  if (newest !== null) return { snapshots: [newest], unreadable };
  return unreadable.length > 0 ? { snapshots: [], unreadable } : named(project, catalog, "latest");
}

async function verifyOne(
  project: AnyProject<SnapshotVerifyOptions>,
  { store, codec }: OpenStore,
  snapshot: Snapshot,
): Promise<Verification> {
  const { options, now } = project;
  const { manifest, id } = snapshot;
  const began = now();
  // With 1 GB, it saves a quarter of the memory.
  if (manifest.packs.length > 1) collectEarly();
  const damages = await verifySnapshot({
    store,
    codec,
    manifest,
    onProgress: (done, total) => options.onProgress?.(done, total, shortId(id), { unit: "bytes" }),
  });
  const { database } = manifest;
  const drill =
    options.drill === true && database !== null && damages.length === 0
      ? await runDrill(project, database, { chunks: chunkReader(store, codec, manifest), codec })
      : null;
  return { snapshot, damages, drill, durationMs: now() - began };
}
