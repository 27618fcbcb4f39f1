/** @module Records: JSON objects of a store, one object each, whose name is the hash of their bytes. Manifests and proofs are records. */
import type { Codec } from "./codec.ts";
import { readProven } from "./read-proven.ts";
import type { Store, StoreFolder } from "./store.ts";
import { damage, HAS_OTHER_BYTES, unknownFormat } from "./unreadable.ts";

/** What all formats of records have in common. */
export interface AnyRecord {
  readonly format?: unknown;
}

/** Returns the name of the record. */
export async function writeRecord(
  store: Store,
  codec: Codec,
  folder: StoreFolder,
  record: AnyRecord,
): Promise<string> {
  const frame = await codec.compress(new TextEncoder().encode(JSON.stringify(record)), null);
  const name = codec.digest(frame);
  await store.write(folder, name, frame);
  return name;
}

export interface RecordSource {
  readonly store: Store;
  readonly codec: Codec;
  readonly folder: StoreFolder;
  /** Of the text. A larger record is damaged. */
  readonly mostBytes: number;
}

/**
 * The hash proves that d1ops wrote the record, so its format tells its shape. `isKnown` looks only at the format.
 * @throws OpsError SNAPSHOT_DAMAGED, SNAPSHOT_FORMAT
 */
export async function readRecord<T extends AnyRecord>(
  { store, codec, folder, mostBytes }: RecordSource,
  name: string,
  isKnown: (record: AnyRecord) => record is T,
): Promise<{ readonly record: T; readonly isAppended: boolean }> {
  const object = `${folder}/${name}`;
  const frame = await readProven({ store, codec }, folder, name);
  const text = await codec.decompress(frame, null, mostBytes);
  if (text === null) throw damage(store, object, HAS_OTHER_BYTES);
  const record: AnyRecord = JSON.parse(new TextDecoder().decode(text));
  if (!isKnown(record)) throw unknownFormat(store, object, record.format);
  return { record, isAppended: codec.isAppended(frame) };
}

/** False if a prune has deleted it since the store was listed. */
export async function isListed(store: Store, folder: StoreFolder, name: string): Promise<boolean> {
  return (await store.list(folder)).some((object) => object.name === name);
}
