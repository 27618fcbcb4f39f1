/** @module `snapshot copy [ID…] --to STORE`: copies snapshots to another store, with all that they need. */
import { ageWrapping } from "../../files/age.ts";
import { contradiction } from "../../options/contradiction.ts";
import { sameCommand } from "../../project/command-line.ts";
import { type AnyProject, type ProjectBody, withDatabases } from "../../project/project.ts";
import { command, valueFlag } from "../../report/command.ts";
import { OpsError } from "../../report/error.ts";
import type { Report } from "../../report/report.ts";
import { type Catalog, readCatalog } from "../../snapshots/store/catalog.ts";
import { type Copied, type Copier, copierOf, type CopyPlan } from "../../snapshots/store/copy.ts";
import type { Snapshot } from "../../snapshots/store/manifests.ts";
import { readOnly } from "../../snapshots/store/unwritten.ts";
import { type CopyEnd, snapshotCopyReport } from "../../snapshots/report/snapshot-copy-report.ts";
import { storeForCopies } from "../../snapshots/store/give-key.ts";
import { chosenIn, shortIdsOf } from "./choose.ts";
import { copyProgress } from "./copy-progress.ts";
import { conflict, requireNoRecipients, sameStore } from "./copy-refusals.ts";
import { readCopy, type SnapshotCopyOptions } from "./copy-options.ts";
import { isNamed, storeOf } from "./open-store.ts";
import { openStore } from "./unlock-store.ts";

export type { SnapshotCopyOptions } from "./copy-options.ts";

type Copying = AnyProject<SnapshotCopyOptions>;

/**
 * Outcome `changed`, or `ok` if the target has everything, or `problems` (exit 1) if a snapshot of the source is damaged. Outcome `partial` if
 * it failed or was interrupted after it had copied a snapshot: then run it again.
 * @throws OpsError USAGE, SNAPSHOT_UNKNOWN, SNAPSHOT_LOCKED, and those of both stores; then no snapshot was copied
 */
export async function snapshotCopy(given: SnapshotCopyOptions): Promise<Report> {
  return withDatabases("snapshot copy", readCopy(given), copy);
}

async function copy(project: Copying): Promise<ProjectBody> {
  const { verb, options, date } = project;
  const again = { ...options, dryRun: false };
  const { store: from, codec, keys } = await openStore(project);
  const target = await storeOf(project, { to: options.to });
  if (target.location === from.location) throw sameStore(from);
  const to = await storeForCopies(keys, target, ageWrapping, (why) => conflict(why, from, target));
  if (keys === null) requireNoRecipients(project, from);
  const catalog = await readCatalog(from, codec);
  const chosen = wanted(project, catalog);
  const progress = copyProgress(options);
  const copier = copierOf({
    from,
    to: options.dryRun === true ? readOnly(to) : to,
    codec,
    known: catalog.snapshots,
    now: date,
    onBytes: (bytes) => progress.add(bytes),
  });
  const plans = await copier.plan(chosen);
  progress.begin(plans);
  const body = (end: CopyEnd): ProjectBody => ({
    ...snapshotCopyReport(
      {
        plans,
        from: from.location,
        to: to.location,
        short: shortIdsOf(catalog),
        again: sameCommand({ verb, options: again }),
        prove: (...words) =>
          command("snapshot verify", ...words, "--drill", ...valueFlag("--store", options.to)),
        unreadable: options.all === true ? catalog.unreadable : [],
      },
      end,
    ),
    target: null,
  });
  if (options.dryRun === true) return body({ kind: "dry run" });
  return body(await copyAll(copier, plans));
}

/** @throws OpsError if it fails before it has copied a snapshot */
async function copyAll(copier: Copier, plans: readonly CopyPlan[]): Promise<CopyEnd> {
  const results: Copied[] = [];
  for (const { snapshot } of plans) {
    try {
      results.push(await copier.copy(snapshot));
    } catch (error) {
      const hasCopied = results.some(({ kind }) => kind === "copied");
      if (!hasCopied || !(error instanceof OpsError)) throw error;
      return { kind: "ended", results, error };
    }
  }
  return { kind: "ended", results, error: null };
}

function wanted(project: Copying, catalog: Catalog): readonly Snapshot[] {
  const { ids = [], all } = project.options;
  if (all !== true) {
    const named = ids.length === 0 ? ["latest"] : ids;
    const snapshots = named.map((id) => chosenIn(project, catalog, id).snapshot);
    return [...new Map(snapshots.map((one) => [one.id, one])).values()];
  }
  if (ids.length === 0) return catalog.snapshots.filter(isNamed(project));
  throw contradiction("--all", `the id ${ids.join(" ")}`);
}
