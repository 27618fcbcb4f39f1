/** @module How messages and reports name a snapshot, its age and its size. */
import type { Finding, Json } from "../../report/report.ts";
import { count, grouped, where } from "../../report/wording.ts";
import type { Manifest, SnapshotDatabase } from "../store/manifest.ts";
import type { Snapshot } from "../store/manifests.ts";
import type { Proof } from "../verify/proof.ts";
import { bytesOf, sizesOf } from "../store/sizes.ts";

/** Digits of an id, of which SHA-256 has 64. */
const DIGITS = 8;

/** For messages that do not know the other ids of the store. */
export function shortId(id: string): string {
  return id.slice(0, DIGITS);
}

/** Returns the beginning of each id that no other one of `ids` has, and at least eight digits. */
export function shortIds(ids: readonly string[]): (id: string) => string {
  const sorted = [...new Set(ids)].toSorted();
  const lengths = new Map(
    sorted.map((id, i) => {
      const shared = Math.max(sharedStart(id, sorted[i - 1]), sharedStart(id, sorted[i + 1]));
      return [id, Math.max(DIGITS, shared + 1)];
    }),
  );
  return (id) => id.slice(0, lengths.get(id) ?? DIGITS);
}

function sharedStart(id: string, other = ""): number {
  let length = 0;
  while (length < id.length && id[length] === other[length]) length += 1;
  return length;
}

/** `2026-11-28 10:00:12 UTC`, of a time in ISO 8601. */
export function moment(at: string): string {
  return `${at.slice(0, 19).replace("T", " ")} UTC`;
}

/** `label "before the release"`. In quotes, because a label may have commas. */
export function labelText(label: string): string {
  return `label ${JSON.stringify(label)}`;
}

/** `45 s ago`, `12 min ago`, `3 h ago`, `5 days ago`. A clock that was set back makes no negative age. */
export function age(takenAt: string, now: Date): string {
  const seconds = Math.max(0, Math.floor((now.getTime() - Date.parse(takenAt)) / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h ago`;
  return `${grouped(Math.floor(seconds / 86_400))} days ago`;
}

/** `not proven`, `proven 3 h ago by a drill`, `proven 3 h ago, and 5 days ago by a drill`. `proofs`: the newest of each kind, newest first. */
export function provenText(proofs: readonly Proof[], now: Date): string {
  const [newest, older] = proofs;
  if (newest === undefined) return "not proven";
  const text = `proven ${age(newest.provenAt, now)}`;
  if (newest.how === "drill") return `${text} by a drill`;
  return older === undefined ? text : `${text}, and ${age(older.provenAt, now)} by a drill`;
}

/** `data.proofs` of a report. */
export function proofsData(
  proofs: readonly Proof[],
): { readonly how: string; readonly provenAt: string }[] {
  return proofs.map(({ how, provenAt }) => ({ how, provenAt }));
}

const UNITS = ["kB", "MB", "GB", "TB"];

/** `999 bytes`, `1.2 kB`, `34.5 MB`. */
export function size(bytes: number): string {
  if (bytes < 1000) return count(bytes, "byte");
  const power = Math.min(UNITS.length, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toFixed(1)} ${UNITS[power - 1]}`;
}

/** `5 tables, 20,020 rows, 3 files, 12.3 MB` */
export function contentText(manifest: Pick<Manifest, "database" | "files">): string {
  const { database, files } = manifest;
  const { rows, bytes } = sizesOf(manifest);
  const parts = [
    ...(database === null ? [] : [count(database.tables.length, "table"), count(rows, "row")]),
    ...(files.length === 0 && database !== null ? [] : [count(files.length, "file")]),
    size(bytes),
  ];
  return parts.join(", ");
}

/** `shop-db (local)`, or `files only`. */
export function sourceText({ database }: Pick<Manifest, "database">): string {
  return database === null ? "files only" : where(database.source);
}

/** Null if d1ops read the database itself. */
function exportedData(database: SnapshotDatabase | null): Json {
  if (database?.exported === undefined) return null;
  const { changes, search } = database.exported;
  return { search, changes: changes.map((one) => ({ ...one })) };
}

/** `data.snapshot` of a report. */
export function snapshotData({ id, manifest, isAppended }: Snapshot): {
  readonly [key: string]: Json;
} {
  const { takenAt, label, tool, git, worker, digest, database, files } = manifest;
  return {
    id,
    takenAt,
    label,
    wayBackFrom: manifest.wayBackFrom ?? null,
    appended: isAppended,
    tool,
    database: database?.source.database ?? null,
    source: database === null ? null : { ...database.source },
    ...sizesOf(manifest),
    tables: (database?.tables ?? []).map(({ name, rows, digest: proof, chunks }) => ({
      name,
      rows,
      bytes: bytesOf(chunks),
      digest: proof,
    })),
    files: files.map(({ path, bytes, mode, sha256 }) => ({ path, bytes, mode, sha256 })),
    digest,
    bookmark: database?.bookmark ?? null,
    consistent: database?.consistent ?? true,
    exported: exportedData(database),
    migration: database?.migration ?? null,
    git: git === null ? null : { ...git },
    worker:
      worker === undefined
        ? null
        : { ...worker, versions: worker.versions.map((one) => ({ ...one })) },
  };
}

/** Whoever has the append-only key decides what such a snapshot contains. */
export function appendedFindings({ id, isAppended }: Snapshot): Finding[] {
  if (!isAppended) return [];
  return [
    {
      rule: "snapshot-appended",
      level: "warning",
      message: `The snapshot ${shortId(id)} was added with the append-only key. Whoever has this key can add a snapshot of any content, time and database.`,
      help: "Trust it as much as the place where the key is, such as your CI.",
    },
  ];
}

const MOST = 10;

/** The first ten of a list, and how many more there are. */
export function atMostTen(texts: readonly string[]): string {
  const more = texts.length - MOST;
  return [...texts.slice(0, MOST), ...(more > 0 ? [`and ${more} more`] : [])].join(", ");
}
