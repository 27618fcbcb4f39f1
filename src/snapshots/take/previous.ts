/** @module Which snapshots a take may use again. A prune keeps exactly these, so both ask this module. */
import type { Target } from "../../report/report.ts";
import { isOf } from "../store/catalog.ts";
import { GRACE_MS } from "../store/grace.ts";
import { newestFirst, type Snapshot } from "../store/manifests.ts";

/** What a take reads: a database, or only files. */
type Source = Target | null;

/**
 * The snapshot whose chunks a take uses again: the newest one of the same database, or else of files. A take may use no other one, because a
 * prune may delete it meanwhile. One that was added with the append-only key may name chunks that are not what it says.
 */
export function previousOf(snapshots: readonly Snapshot[], source: Source): Snapshot | null {
  return usefulFor(source, snapshots)[0] ?? null;
}

/**
 * The ids of the snapshots that a running take may use: it began at most {@link GRACE_MS} ago, and used the newest snapshot of that time.
 * `writtenAt`: when each manifest was written, by its id.
 */
export function possiblyInUse(
  snapshots: readonly Snapshot[],
  writtenAt: ReadonlyMap<string, string>,
  now: Date,
): ReadonlySet<string> {
  const start = now.getTime() - GRACE_MS;
  const used = new Set<string>();
  for (const source of sourcesOf(snapshots)) {
    for (const { id } of usefulFor(source, snapshots)) {
      used.add(id);
      if (Date.parse(writtenAt.get(id) ?? "") < start) break;
    }
  }
  return used;
}

/** Of each database, and of files, the newest snapshot: a prune keeps all that a take or a copy that begins now finds here. */
export function newestOfEach(snapshots: readonly Snapshot[]): Snapshot[] {
  return sourcesOf(snapshots).flatMap((source) => usefulFor(source, snapshots).slice(0, 1));
}

/** Newest first. */
function usefulFor(source: Source, snapshots: readonly Snapshot[]): Snapshot[] {
  const isUseful =
    source === null ? ({ manifest }: Snapshot): boolean => manifest.files.length > 0 : isOf(source);
  return snapshots.filter((one) => !one.isAppended && isUseful(one)).toSorted(newestFirst);
}

function sourcesOf(snapshots: readonly Snapshot[]): readonly Source[] {
  const sources = new Map<string, Source>();
  for (const { manifest } of snapshots) {
    if (manifest.database === null) continue;
    const { source } = manifest.database;
    sources.set(`${source.place} ${source.id}`, source);
  }
  return [null, ...sources.values()];
}
