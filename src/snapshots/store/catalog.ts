/** @module Lists the snapshots of a store, and finds the one that a user names. */
import { command, offer } from "../../report/command.ts";
import { nearest } from "../../report/nearest.ts";
import type { Target } from "../../report/report.ts";
import { where } from "../../report/wording.ts";
import type { Codec } from "./codec.ts";
import { isDamage, isUnreadable, OpsError, type UnreadableError } from "../errors.ts";
import { isWayBack, newestFirst, readManifest, type Snapshot } from "./manifests.ts";
import { isListed } from "./record.ts";
import { shortIds } from "../report/snapshot-words.ts";
import type { Store } from "./store.ts";

export interface Catalog {
  /** As a message names the store. */
  readonly location: string;
  /** Newest first. */
  readonly snapshots: readonly Snapshot[];
  /** Snapshots whose manifest is damaged, or was written by a newer version. */
  readonly unreadable: readonly Unreadable[];
}

export interface Unreadable {
  readonly id: string;
  /** See {@link StoredObject.writtenAt}. */
  readonly writtenAt: string;
  readonly error: UnreadableError;
}

/** @throws OpsError of the store */
export async function readCatalog(store: Store, codec: Codec): Promise<Catalog> {
  const snapshots: Snapshot[] = [];
  const unreadable: Unreadable[] = [];
  for (const { name: id, writtenAt } of await store.list("snapshots")) {
    try {
      snapshots.push(await readManifest(store, codec, id));
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      if (!(await isListed(store, "snapshots", id))) continue;
      unreadable.push({ id, writtenAt, error });
    }
  }
  return { location: store.location, snapshots: snapshots.toSorted(newestFirst), unreadable };
}

/** True for the snapshots of this database. */
export function isOf({ id, place }: Target): (snapshot: Snapshot) => boolean {
  return ({ manifest: { database } }) =>
    database?.source.id === id && database.source.place === place;
}

/** Which snapshots `latest` may be. */
export interface Candidates {
  readonly isCandidate: (snapshot: Snapshot) => boolean;
  /** The database that they are of, if it is only one. */
  readonly database: Target | null;
}

/** Which snapshot a user wants. */
export interface Choice extends Candidates {
  /** The beginning of an id, or `latest`, which is never the way back of a restore. */
  readonly id: string;
  /** The typed command with another id. */
  readonly retype: (id: string) => string;
}

/**
 * @throws OpsError SNAPSHOT_UNKNOWN; SNAPSHOT_DAMAGED or SNAPSHOT_FORMAT if the manifest of this snapshot cannot be read, or, for `latest`,
 * that of one that may be newer
 */
export function chooseSnapshot(catalog: Catalog, choice: Choice): Snapshot {
  const { snapshots, unreadable } = catalog;
  const id = choice.id.toLowerCase();
  if (id === LATEST) {
    const { newest, newer } = latestOf(catalog, choice.isCandidate);
    const [hiding] = newer;
    if (hiding !== undefined) throw hidden(hiding, newest, catalog, choice);
    if (newest !== null) return newest;
    throw unknown(catalog, choice, []);
  }
  const found = snapshots.filter((one) => id !== "" && one.id.startsWith(id));
  const broken = unreadable.filter((one) => id !== "" && one.id.startsWith(id));
  const [only] = found;
  const [first] = broken;
  if (found.length + broken.length === 1) {
    if (only !== undefined) return only;
    if (first !== undefined) throw first.error;
  }
  throw unknown(
    catalog,
    choice,
    [...found, ...broken].map((one) => one.id),
  );
}

export interface Latest {
  /** Null: no snapshot fits. */
  readonly newest: Snapshot | null;
  /** Unreadable snapshots that may be newer: their manifests were written after `newest` was taken. What they contain is unknown. */
  readonly newer: readonly Unreadable[];
}

/** What `latest` means. `isCandidate`: see {@link Choice}. */
export function latestOf(
  { snapshots, unreadable }: Catalog,
  isCandidate: Choice["isCandidate"],
): Latest {
  // A restore that was killed or failed is run again. It must not restore what it replaced.
  const newest = snapshots.find((one) => !isWayBack(one) && isCandidate(one));
  if (newest === undefined) return { newest: null, newer: unreadable };
  const takenAt = Date.parse(newest.manifest.takenAt);
  return { newest, newer: unreadable.filter((one) => Date.parse(one.writtenAt) > takenAt) };
}

/** `latest` must not silently mean an older snapshot. */
function hidden(
  { id, error }: Unreadable,
  newest: Snapshot | null,
  { snapshots, unreadable }: Catalog,
  { retype }: Choice,
): UnreadableError {
  const short = shortIds([...snapshots, ...unreadable].map((one) => one.id));
  const other =
    newest === null ? "" : offer("\nTo use an older snapshot, name it", retype(short(newest.id)));
  const text = {
    message: `The latest snapshot may be ${short(id)}, and its manifest cannot be read: ${error.message}`,
    hint: `${error.hint}${other}`,
  };
  return isDamage(error)
    ? new OpsError("SNAPSHOT_DAMAGED", error.details, text, { cause: error })
    : new OpsError("SNAPSHOT_FORMAT", error.details, text, { cause: error });
}

const LATEST = "latest";

/** Ids that a hint lists. */
const MOST = 10;

function unknown(
  { location, snapshots, unreadable }: Catalog,
  { id, database, retype }: Choice,
  several: readonly string[],
): OpsError<"SNAPSHOT_UNKNOWN"> {
  const all = [...snapshots, ...unreadable].map((one) => one.id);
  const short = shortIds(all);
  const known = several.length > 0 ? several : all;
  const guess = several.length > 0 ? null : guessOf(id, all, short);
  const listed = known.slice(0, MOST).map((one) => short(one));
  const more = known.length > MOST ? ` and ${known.length - MOST} more` : "";
  const message =
    several.length > 0
      ? `${several.length} snapshots of ${location} begin with ${id}.`
      : id.toLowerCase() === LATEST
        ? `${location} has no snapshot ${database === null ? "that fits" : `of ${where(database)}`}.`
        : `${location} has no snapshot ${id}.`;
  const never = several.length === 0 && id.toLowerCase() === LATEST && snapshots.some(isWayBack);
  const hint =
    guess !== null
      ? `Did you mean ${guess}?\n${retype(guess)}`
      : listed.length === 0
        ? `The store has no snapshots yet. ${offer("To take one", command("snapshot take"))}`
        : `${never ? "`latest` is never the way back of a restore. " : ""}It has: ${listed.join(", ")}${more}. ${offer("To see what they contain", command("snapshot list"))}`;
  return new OpsError("SNAPSHOT_UNKNOWN", { id, known: listed }, { message, hint });
}

/** The word `latest`, or an id as the user would type it. Null if none is near. */
function guessOf(id: string, all: readonly string[], short: (id: string) => string): string | null {
  if (all.length === 0 || id.toLowerCase() === LATEST) return null;
  const starts = all.map((one) => one.slice(0, Math.max(id.length, 1)));
  const near = nearest(id.toLowerCase(), [LATEST, ...starts]);
  if (near === LATEST) return LATEST;
  const guess = all.find((one) => near !== null && one.startsWith(near));
  return guess === undefined ? null : short(guess);
}
