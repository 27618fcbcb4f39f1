/** @module `clone FROM TO`: replaces a database by a copy of another one, whose columns it masks while it reads them. */
import { parsePlace } from "../options/place.ts";
import { type Project, type ProjectBody, withProject } from "../project/project.ts";
import { projectAt } from "../project/project-at.ts";
import { withWayBack } from "../project/way-back.ts";
import type { Report } from "../report/report.ts";
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
import { openCatalog } from "./clone/open-catalog.ts";
import { type CloneOptions, FROM, readClone, TO } from "./clone/options.ts";
import { prepareClone } from "./clone/build-clone.ts";
import { maskingOf, readMasks } from "./clone/read-masks.ts";
import { databaseSource, snapshotSource } from "./clone/clone-source.ts";
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
  const { options } = project;
  const from = parsePlace(options.from, "FROM", FROM);
  const to = parsePlace(options.to, "TO", TO);
  const masks = await readMasks(project);
  const there = await projectAt(project, to);
  const here = from.kind === "snapshot" ? null : await projectAt(project, from);
  const target = await requireTarget(there, to, here);
  const stored =
    from.kind === "snapshot" || options.withoutBackup !== true
      ? await openCatalog(project, from.kind !== "snapshot")
      : null;
  const source =
    here === null && from.kind === "snapshot" && stored !== null
      ? await snapshotSource(project, from, stored)
      : await databaseSource(here ?? project);
  // A snapshot may replace the local database that it is of.
  there.byPlace({ local: () => {}, remote: requireOther })(target, {
    ...source.target,
    id: source.target.id.toLowerCase(),
  });
  const masking = maskingOf(project, source.described, masks);
  const prepared = await prepareClone(there, source, masking);
  let writer: CloneTarget | null = null;
  try {
    const open = there.byPlace({
      local: async () => openLocalClone(there, prepared),
      remote: async () => openRemoteClone(there, prepared, target),
    });
    writer = await open();
    const typed = { verb: project.verb, options };
    const context: CloneContext = {
      typed,
      project: there,
      source,
      masking,
      prepared,
      target,
      writer,
    };
    const first = await findClone(context);
    const report = ({ clone: found }: FoundClone, end: CloneEnd): ProjectBody => ({
      ...cloneReport(found, end),
      target,
    });
    if (!first.changes) return report(first, { kind: "nothing to do" });
    if (options.dryRun === true) return report(first, { kind: "dry run" });
    const found = await confirmedClone(context, first);
    const applied = await applyClone(context, stored);
    const body = report(found, { kind: "cloned", ...applied });
    return { ...withWayBack(body, there, target, applied.bookmark), target };
  } finally {
    writer?.close();
    prepared.copy.remove();
  }
}
