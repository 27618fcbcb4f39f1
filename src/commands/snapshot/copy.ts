/** @module `snapshot copy [ID…] --to STORE`: copies snapshots to another store, with all that they need. */
import { ageWrapping } from "../../files/age.ts";
import { contradiction } from "../../options/contradiction.ts";
import { sameCommand } from "../../project/command-line.ts";
import { type AnyProject, type ProjectBody, withDatabases } from "../../project/project.ts";
import { command, offer, valueFlag } from "../../report/command.ts";
import { OpsError } from "../../report/error.ts";
import type { Report } from "../../report/report.ts";
import { type Catalog, readCatalog } from "../../snapshots/store/catalog.ts";
import { type Copied, type Copier, copierOf, type CopyPlan } from "../../snapshots/store/copy.ts";
import type { Snapshot } from "../../snapshots/store/manifests.ts";
import { readOnly } from "../../snapshots/store/unwritten.ts";
import { type CopyEnd, snapshotCopyReport } from "../../snapshots/report/snapshot-copy-report.ts";
import { type KeyConflict, storeForCopies } from "../../snapshots/store/give-key.ts";
import type { Store } from "../../snapshots/store/store.ts";
import { chosenIn, shortIdsOf } from "./choose.ts";
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
  const progress = bytesProgress(project);
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

interface BytesProgress {
  begin(plans: readonly CopyPlan[]): void;
  add(bytes: number): void;
}

function bytesProgress({ options }: Copying): BytesProgress {
  let total = 0;
  let done = 0;
  const tell = (): void => options.onProgress?.(done, total, "copying", { unit: "bytes" });
  return {
    begin(plans) {
      total = plans.flatMap(({ packs }) => packs).reduce((sum, { bytes }) => sum + bytes, 0);
      if (total > 0) tell();
    },
    add(bytes) {
      done += bytes;
      tell();
    },
  };
}

/** `take` refuses to store a plain snapshot despite this setting, too. @throws OpsError USAGE */
function requireNoRecipients({ setting }: Copying, { location }: Store): void {
  if ((setting("snapshots.recipients") ?? []).length === 0) return;
  const message = `The setting snapshots.recipients wants encrypted snapshots, but the store ${location} is not encrypted, and copy copies the stored bytes. Nothing was copied.`;
  const take = offer(
    "Take a snapshot into a new store, which is encrypted, and copy from there",
    command("snapshot take", "--store", "WHERE"),
  );
  const hint = `${take}\nOr remove snapshots.recipients from the settings.`;
  throw usage("snapshots.recipients", message, hint);
}

function sameStore({ location }: Store): OpsError {
  const message = `--to is ${location}, the store that the snapshots are copied from.`;
  return usage("--to", message, "Choose another store, such as --to s3://BUCKET/PREFIX.");
}

function conflict(why: KeyConflict, from: Store, to: Store): OpsError {
  const message = {
    "target is plain": `${from.location} is encrypted, and ${to.location} has snapshots that are not.`,
    "target is encrypted": `${to.location} is encrypted, and ${from.location} is not.`,
    "another key": `${from.location} and ${to.location} are encrypted with two different keys.`,
  }[why];
  const hint =
    "d1ops copies the stored bytes, and never mixes them in one store. Choose a new store with --to: it gets the key of the source.";
  return usage("--to", `${message} Nothing was copied.`, hint);
}

function usage(argument: string, message: string, hint: string): OpsError {
  return new OpsError("USAGE", { argument }, { message, hint });
}
