/** @module Hashes and compresses for snapshots. */
import { hash } from "node:crypto";
import { promisify } from "node:util";
import { constants, zstdCompress, zstdDecompress } from "node:zlib";
import type { Codec } from "../snapshots/codec.ts";

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

const LEVEL = 3;

/** Without the checksum, a wrong dictionary may give wrong bytes and no error. It takes 4 bytes of each frame. */
const PARAMETERS = {
  [constants.ZSTD_c_compressionLevel]: LEVEL,
  [constants.ZSTD_c_checksumFlag]: 1,
};

export const snapshotCodec: Codec = {
  digest: (bytes) => hash("sha256", bytes),
  compress: async (bytes, dictionary) =>
    compress(bytes, {
      params: PARAMETERS,
      pledgedSrcSize: bytes.length,
      ...withDictionary(dictionary),
    }),
  async decompress(frame, dictionary, bytes) {
    try {
      // node accepts no limit of 0.
      const maxOutputLength = Math.max(bytes, 1);
      const read = await decompress(frame, { maxOutputLength, ...withDictionary(dictionary) });
      return read.length > bytes ? null : read;
    } catch {
      return null;
    }
  },
};

/**
 * The first bytes of a dictionary that `zstd --train` made. zstd would parse such a dictionary, and refuse it if the rest is not one. A
 * file of a project may be one. Without its first byte, it is plain content.
 */
const TRAINED = Buffer.from("37a430ec", "hex");

function withDictionary(content: Uint8Array | null): { readonly dictionary?: Uint8Array } {
  if (content === null) return {};
  const trained = TRAINED.equals(content.subarray(0, TRAINED.length));
  return { dictionary: trained ? content.subarray(1) : content };
}
