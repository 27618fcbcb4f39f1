/** @module `clone FROM TO`: replaces a database by a copy of another one, whose columns it masks while it reads them. */
import { type DatabasePlace, parsePlace, type PlaceOf } from "../options/place.ts";
import { type Project, type ProjectBody, withProject } from "../project/project.ts";
import { projectAt } from "../project/project-at.ts";
import { withWayBack } from "../project/way-back.ts";
import type { Report, Target } from "../report/report.ts";
import { cloneReport } from "../clones/clone-report.ts";
import type { CloneEnd } from "../clones/clone-result.ts";
import { applyClone } from "./clone/apply.ts";
import {
  type CloneContext,
  confirmedClone,
  findClone,
  type FoundClone,
} from "./clone/find-clone.ts";
import type { CloneTarget } from "./clone/clone-target.ts";
import { openLocalClone } from "./clone/local-clone.ts";
import { type OpenCatalog, openCatalog } from "./clone/open-catalog.ts";
import { type CloneOptions, FROM, readClone, TO } from "./clone/options.ts";
import { prepareClone } from "./clone/build-clone.ts";
import { maskingOf, readMasks } from "./clone/read-masks.ts";
import { type CloneSource, databaseSource, snapshotSource } from "./clone/clone-source.ts";
import { openRemoteClone } from "./clone/remote-clone.ts";
import { requireOther, requireTarget } from "./clone/require-target.ts";

export type { CloneOptions } from "./clone/options.ts";

/**
 * Outcome `changed`, or `ok` if the database equals the clone already. `partial` (exit 4): a remote database has a part of the clone. If it
 * is killed, run it again: a local database is the old one or the clone.
 * @throws OpsError USAGE, MASK_INVALID, NOT_CONFIRMED if rows would be lost, SNAPSHOT_INCOMPLETE; then nothing was changed
 */
export async function clone(given: CloneOptions): Promise<Report> {
  return withProject("clone", readClone(given), cloneInto);
}

async function cloneInto(project: Project<CloneOptions>): Promise<ProjectBody> {
  const { verb, options } = project;
  const from = parsePlace(options.from, "FROM", FROM);
  const to = parsePlace(options.to, "TO", TO);
  const masks = await readMasks(project);
  const there = await projectAt(project, to);
  const { target, source, stored } = await openClone(project, { from, to, there });
  // A snapshot may replace the local database that it is of.
  there.byPlace({ local: () => {}, remote: requireOther })(target, {
    ...source.target,
    id: source.target.id.toLowerCase(),
  });
  const masking = maskingOf(project, source.described, masks);
  const prepared = await prepareClone(there, source, masking);
  let writer: CloneTarget | null = null;
  try {
    writer = await there.byPlace({
      local: async () => openLocalClone(there, prepared),
      remote: async () => openRemoteClone(there, prepared, target),
    })();
    const typed = { verb, options };
    const context = { typed, project: there, source, masking, prepared, target, writer };
    return await replace(context, stored);
  } finally {
    writer?.close();
    prepared.copy.remove();
  }
}

interface Places {
  readonly from: PlaceOf<(typeof FROM)[number]>;
  readonly to: DatabasePlace;
  /** The project at `to`. */
  readonly there: Project<CloneOptions>;
}

interface OpenClone {
  readonly target: Target;
  readonly source: CloneSource;
  /** Null: neither FROM nor the way back is a snapshot. */
  readonly stored: OpenCatalog | null;
}

async function openClone(
  project: Project<CloneOptions>,
  { from, to, there }: Places,
): Promise<OpenClone> {
  if (from.kind === "snapshot") {
    const target = await requireTarget(there, to, null);
    const stored = await openCatalog(project, false);
    return { target, stored, source: await snapshotSource(project, from, stored) };
  }
  const here = await projectAt(project, from);
  const target = await requireTarget(there, to, here);
  const stored = project.options.withoutBackup === true ? null : await openCatalog(project, true);
  return { target, stored, source: await databaseSource(here) };
}

async function replace(context: CloneContext, stored: OpenCatalog | null): Promise<ProjectBody> {
  const { project, target, typed } = context;
  const report = ({ clone: found }: FoundClone, end: CloneEnd): ProjectBody => ({
    ...cloneReport(found, end),
    target,
  });
  const first = await findClone(context);
  if (!first.changes) return report(first, { kind: "nothing to do" });
  if (typed.options.dryRun === true) return report(first, { kind: "dry run" });
  const found = await confirmedClone(context, first);
  const applied = await applyClone(context, stored);
  const body = report(found, { kind: "cloned", ...applied });
  return { ...withWayBack(body, project, target, applied.bookmark), target };
}
