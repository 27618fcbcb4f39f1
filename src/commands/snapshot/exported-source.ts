/** @module The database that `snapshot take --via export` reads: a temporary copy that Cloudflare's export makes. */
import { dumpFlaws, type Flaw, remoteRows } from "../../cloudflare/dump-flaws.ts";
import type { RemoteD1 } from "../../cloudflare/d1.ts";
import { openCopy } from "../../database/temporary-copy.ts";
import { changesIn, copyRemote, type RemoteCopy } from "../../database/remote-copy.ts";
import { confirmExport } from "../../project/confirm-export.ts";
import { findRemote, remoteTarget } from "../../project/connect-remote.ts";
import type { Project } from "../../project/project.ts";
import { sameCommand } from "../../project/command-line.ts";
import { offer } from "../../report/command.ts";
import { OpsError } from "../../report/error.ts";
import type { ExportChange, Exported } from "../../snapshots/store/manifest.ts";
import type { DatabaseSource } from "../../snapshots/take/take-database.ts";
import { sourceOver } from "./sources.ts";
import type { SnapshotTakeOptions } from "./take-options.ts";

/** @throws OpsError NOT_CONFIRMED, and those of {@link copyRemote} */
export async function exportedSource(
  project: Project<SnapshotTakeOptions>,
): Promise<DatabaseSource> {
  const { settings, options, verb } = project;
  const { signal, onProgress } = options;
  const remote = await findRemote(await project.connect(), settings, settings.database);
  const target = remoteTarget(remote, settings, settings.database);
  const { database } = target;
  const withoutExport = { ...options, via: undefined };
  const direct = offer(
    "To read the database instead, which blocks no other client and changes no value",
    sameCommand({ verb, options: withoutExport }),
  );
  await confirmExport(project, remote, target, {
    action: "take a snapshot from an export",
    preview: direct,
  });
  const before = await remote.bookmark();
  const made = await copyRemote(remote, { database, otherwise: direct, signal, onProgress });
  const copy = project.closing(openCopy(made.copy, target));
  const source = await sourceOver(project, copy.d1, target, async () => made.bookmark);
  return { ...source, exported: await exportedBy(remote, made, before) };
}

/** `before`: the bookmark before d1ops looked for flaws. */
async function exportedBy(
  remote: RemoteD1,
  { flaws, bookmark }: RemoteCopy,
  before: string,
): Promise<Exported> {
  if (flaws instanceof OpsError) return { changes: [], search: "failed" };
  if (bookmark === before) return { changes: flaws.map(changeOf), search: "exact" };
  const later = await flawsAt(remote, bookmark);
  return later.isExact
    ? { changes: later.flaws.map(changeOf), search: "exact" }
    : { changes: joined(flaws, later.flaws).map(changeOf), search: "approximate" };
}

/** The flaws of the present, and whether it is the state of the bookmark. The export is done, so a failure must not discard it. */
async function flawsAt(
  remote: RemoteD1,
  bookmark: string,
): Promise<{ readonly flaws: readonly Flaw[]; readonly isExact: boolean }> {
  try {
    const flaws = changesIn(await dumpFlaws(remoteRows(remote)));
    return { flaws, isExact: (await remote.bookmark()) === bookmark };
  } catch (error) {
    if (!(error instanceof OpsError) || error.code === "INTERRUPTED") throw error;
    return { flaws: [], isExact: false };
  }
}

/** A flaw of both states once, with the larger number of rows. */
function joined(before: readonly Flaw[], after: readonly Flaw[]): Flaw[] {
  const keyOf = ({ kind, table, column }: Flaw): string => JSON.stringify([kind, table, column]);
  const flaws = new Map<string, Flaw>();
  for (const flaw of [...before, ...after]) {
    const other = flaws.get(keyOf(flaw));
    if (other === undefined || other.count < flaw.count) flaws.set(keyOf(flaw), flaw);
  }
  return [...flaws.values()];
}

function changeOf({ effect, table, column, count: rows, what }: Flaw): ExportChange {
  return { of: effect === "renumbered" ? "rowids" : "values", table, column, rows, what };
}
