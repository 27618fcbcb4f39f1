/** @module Reads contents as a snapshot does, without storing them: for comparisons with a snapshot. */
import type { Codec } from "./codec.ts";
import type { Manifest } from "./manifest.ts";
import type { Store } from "./store.ts";
import { type ContentRequest, readContent } from "./take.ts";

/** A store that keeps nothing. What is written there cannot be read. */
export const NOWHERE: Store = {
  place: "nowhere",
  folder: null,
  list: async () => [],
  find: async () => null,
  read: async () => null,
  write: async () => {},
  remove: async () => {},
};

/** The store without its writes, for a dry run: it shows what would be written. */
export function readOnly(store: Store): Store {
  return { ...store, write: async () => {}, remove: async () => {} };
}

/** Compressing takes longer than reading, and a comparison needs the hashes alone. */
function withoutCompression(codec: Codec): Codec {
  return { ...codec, compress: async () => new Uint8Array(0) };
}

export type MeasureRequest = Pick<ContentRequest, "codec" | "database" | "files" | "onProgress">;

/** The manifest that a snapshot of these contents would have. Its packs do not exist. @throws as {@link readContent} */
export async function measure(request: MeasureRequest): Promise<Manifest> {
  const { manifest } = await readContent({
    ...request,
    codec: withoutCompression(request.codec),
    store: NOWHERE,
    previous: null,
    about: { tool: "", takenAt: "", label: null, git: null },
  });
  return manifest;
}
