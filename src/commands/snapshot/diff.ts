/** @module `snapshot diff [LEFT] [RIGHT]`: what differs between two snapshots, or between a snapshot and the present. Changes nothing. */
import type { DatabasePlace } from "../../options/place.ts";
import { projectAt } from "../../project/project-at.ts";
import {
  type AnyProject,
  type Project,
  type ProjectBody,
  withDatabases,
  withProject,
} from "../../project/project.ts";
import type { Report } from "../../report/report.ts";
import { isOf, readCatalog } from "../../snapshots/store/catalog.ts";
import { compare } from "../../snapshots/compare/compare-sides.ts";
import { requireTables } from "../../snapshots/restore/require-tables.ts";
import { snapshotDiffReport } from "../../snapshots/report/snapshot-diff-report.ts";
import type { DiffSide } from "../../snapshots/compare/diff-side.ts";
import { namedIn } from "./choose.ts";
import {
  databaseOf,
  type NamedSides,
  readDiffOptions,
  sideOf,
  type SnapshotDiffOptions,
  withSides,
} from "./diff-options.ts";
import { presentSideOf } from "./diff-present.ts";
import { chosenSide, storedSide } from "./diff-stored.ts";
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
  const place = databaseOf(options);
  return place === null
    ? withDatabases("snapshot diff", options, diffSnapshots)
    : withProject("snapshot diff", options, async (project) => diffWithDatabase(project, place));
}

async function diffSnapshots(project: AnyProject<NamedSides>): Promise<ProjectBody> {
  const opened = await openStore(project);
  const catalog = await readCatalog(opened.store, opened.codec);
  const left = chosenSide(project, catalog, "left", namedIn(project));
  const right = chosenSide(project, catalog, "right", namedIn(project));
  const body = await compared(project, opened, {
    left: storedSide(opened, catalog, left),
    right: storedSide(opened, catalog, right),
  });
  return { ...body, target: right.manifest.database?.source ?? null };
}

async function diffWithDatabase(
  project: Project<NamedSides>,
  place: DatabasePlace,
): Promise<ProjectBody> {
  const opened = await openStore(project);
  const catalog = await readCatalog(opened.store, opened.codec);
  const there = await projectAt(project, place);
  const source = await sourceOf(there);
  const isLeft = sideOf(project.options.left).kind === "snapshot";
  const latest =
    place.kind === "file"
      ? namedIn(project)
      : { isCandidate: isOf(source.source), database: source.source };
  const snapshot = chosenSide(project, catalog, isLeft ? "left" : "right", latest);
  const then = storedSide(opened, catalog, snapshot);
  const now = await presentSideOf(there, place, {
    ...opened,
    source,
    manifest: snapshot.manifest,
  });
  const sides = isLeft ? { left: then, right: now } : { left: now, right: then };
  const body = await compared(project, opened, sides);
  return { ...body, target: source.source };
}

async function compared(
  { options }: AnyProject<NamedSides>,
  { store }: OpenStore,
  sides: { readonly left: DiffSide; readonly right: DiffSide },
): Promise<ProjectBody> {
  const { tables = null, showValues: values = false, limit = LIMIT } = options;
  requireTables(sides, tables ?? []);
  const comparison = await compare(sides, { tables, values, limit });
  return snapshotDiffReport({ ...sides, comparison, tables, store: store.location, values });
}
