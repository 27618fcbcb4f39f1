/** @module `snapshot diff [LEFT] [RIGHT]`: what differs between two snapshots, or between a snapshot and the present. Changes nothing. */
import { sameCommand } from "../../project/command-line.ts";
import {
  type AnyProject,
  type Project,
  type ProjectBody,
  withDatabases,
  withProject,
} from "../../project/project.ts";
import type { Report } from "../../report/report.ts";
import { type Catalog, chooseSnapshot, isOf, readCatalog } from "../../snapshots/catalog.ts";
import { compare } from "../../snapshots/compare-sides.ts";
import type { Snapshot } from "../../snapshots/manifests.ts";
import { chunkReader } from "../../snapshots/read-chunk.ts";
import { requireTables } from "../../snapshots/require-tables.ts";
import { snapshotSide } from "../../snapshots/side.ts";
import { snapshotDiffReport } from "../../snapshots/snapshot-diff-report.ts";
import type { DiffSide } from "../../snapshots/diff-side.ts";
import { shortIdsOf } from "./choose.ts";
import {
  isPresent,
  type NamedSides,
  readDiffOptions,
  type SnapshotDiffOptions,
  withSides,
} from "./diff-options.ts";
import { presentSideOf } from "./diff-present.ts";
import { isNamed } from "./open-store.ts";
import { sourceOf } from "./sources.ts";
import { openStore, type OpenStore } from "./unlock-store.ts";

export type { SnapshotDiffOptions } from "./diff-options.ts";

/** Rows of each table in the report. */
const LIMIT = 10;

/**
 * Outcome `ok` if both sides are equal, `problems` (exit 1) if they differ.
 * @throws OpsError SNAPSHOT_UNKNOWN, SNAPSHOT_LOCKED, SNAPSHOT_DAMAGED, SNAPSHOT_INCOMPLETE, USAGE for a table that does not exist
 */
export async function snapshotDiff(given: SnapshotDiffOptions = {}): Promise<Report> {
  const options = withSides(readDiffOptions(given));
  return isPresent(options.left) || isPresent(options.right)
    ? withProject("snapshot diff", options, diffWithPresent)
    : withDatabases("snapshot diff", options, diffSnapshots);
}

async function diffSnapshots(project: AnyProject<NamedSides>): Promise<ProjectBody> {
  const opened = await openStore(project);
  const catalog = await readCatalog(opened.store, opened.codec);
  const left = chosen(project, catalog, "left", isNamed(project));
  const right = chosen(project, catalog, "right", isNamed(project));
  const body = await compared(project, opened, {
    left: storedSide(opened, catalog, left),
    right: storedSide(opened, catalog, right),
  });
  return { ...body, target: right.manifest.database?.source ?? null };
}

async function diffWithPresent(project: Project<NamedSides>): Promise<ProjectBody> {
  const opened = await openStore(project);
  const catalog = await readCatalog(opened.store, opened.codec);
  const source = await sourceOf(project);
  const isLeft = !isPresent(project.options.left);
  const snapshot = chosen(project, catalog, isLeft ? "left" : "right", isOf(source.source));
  const then = storedSide(opened, catalog, snapshot);
  const now = await presentSideOf(project, {
    ...opened,
    source,
    manifest: snapshot.manifest,
  });
  const sides = isLeft ? { left: then, right: now } : { left: now, right: then };
  const body = await compared(project, opened, sides);
  return { ...body, target: source.source };
}

function chosen(
  { verb, options }: AnyProject<NamedSides>,
  catalog: Catalog,
  side: "left" | "right",
  isCandidate: (one: Snapshot) => boolean,
): Snapshot {
  const retype = (id: string): string => {
    const renamed = { ...options, [side]: id };
    return sameCommand({ verb, options: renamed });
  };
  return chooseSnapshot(catalog, { id: options[side], isCandidate, retype });
}

function storedSide(
  { store, codec }: OpenStore,
  catalog: Catalog,
  { id, manifest }: Snapshot,
): DiffSide {
  return {
    ...snapshotSide(manifest, chunkReader(store, codec, manifest)),
    name: shortIdsOf(catalog)(id),
    place: "snapshot",
    id,
    takenAt: manifest.takenAt,
    consistent: manifest.database?.consistent ?? true,
  };
}

async function compared(
  { options }: AnyProject<NamedSides>,
  { store }: OpenStore,
  sides: { readonly left: DiffSide; readonly right: DiffSide },
): Promise<ProjectBody> {
  const { tables = null, showValues: values = false, limit = LIMIT } = options;
  requireTables(sides, tables ?? []);
  const comparison = await compare(sides, { tables, values, limit });
  return snapshotDiffReport({ ...sides, comparison, store: store.place, values });
}
