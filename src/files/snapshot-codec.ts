/** @module Hashes and compresses for snapshots. */
import { createHash, hash, type Hash, type Hmac } from "node:crypto";
import { constants } from "node:zlib";
import type { Codec, Digester } from "../snapshots/store/codec.ts";
import { runZstd, SMALLEST_RESULT, ThreadEnded } from "./zstd-threads.ts";

const LEVEL = 3;

/** Without the checksum, a wrong dictionary may give wrong bytes and no error. It takes 4 bytes of each frame. */
const PARAMETERS = {
  [constants.ZSTD_c_compressionLevel]: LEVEL,
  [constants.ZSTD_c_checksumFlag]: 1,
};

export const snapshotCodec: Codec = {
  digest: (bytes) => hash("sha256", bytes),
  digester: () => digesterOf(createHash("sha256")),
  appends: false,
  isAppended: () => false,
  compress: async (bytes, dictionary) =>
    runZstd({
      kind: "compress",
      bytes,
      dictionary: dictionary && untrained(dictionary),
      options: {
        params: dictionary === null ? PARAMETERS : parametersFor(dictionary.length + bytes.length),
        pledgedSrcSize: bytes.length,
        chunkSize: mostBytes(bytes.length),
      },
    }),
  async decompress(frame, dictionary, bytes) {
    try {
      const read = await runZstd({
        kind: "decompress",
        bytes: frame,
        dictionary: dictionary && untrained(dictionary),
        options: {
          // node accepts no limit of 0.
          maxOutputLength: Math.max(bytes, 1),
          chunkSize: Math.max(Math.min(bytes, statedBytes(frame)), SMALLEST_RESULT),
        },
      });
      return read.length > bytes ? null : read;
    } catch (error) {
      if (error instanceof ThreadEnded) throw error;
      return null;
    }
  },
};

export function digesterOf(sum: Hash | Hmac): Digester {
  return { update: (piece) => void sum.update(piece), digest: () => sum.digest("hex") };
}

/** `ZSTD_COMPRESSBOUND` in zstd.h: no frame is larger. */
function mostBytes(length: number): number {
  return Math.max(length + (length >> 8) + 64, SMALLEST_RESULT);
}

/**
 * The length of the content, so that node reserves no more memory: a manifest may have 1 GB. The header of each frame states it (RFC 8878,
 * 3.1.1.1), as does that of a damaged one, so a limit is still necessary. 0 for less than 65,792 bytes.
 */
function statedBytes(frame: Uint8Array): number {
  const { buffer, byteOffset, length } = frame;
  const descriptor = frame[4] ?? 0;
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const at = isSingleSegment ? 5 : 6;
  // The upper bits: the length has 4 or 8 bytes.
  if (descriptor < 0x80 || length < at + 4) return 0;
  return new DataView(buffer, byteOffset).getUint32(at, true);
}

/** The smallest and the largest window that every zstd decompresses. */
const [LEAST_BITS, MOST_BITS] = [10, 27];
/** The window of level 3 has 2 MB. */
const LEVEL_BITS = 21;

/**
 * `length`: of the dictionary and the bytes together. If the window is smaller than that, zstd does not see the beginning of the
 * dictionary. A changed chunk of 2 MB then takes half of its full size, one of 8 MB all of it. In the window, it takes under 0.1 %.
 *
 * zstd fills the tables with the whole dictionary before it compresses. Smaller tables than those of the level save a fifth of the time, and
 * a changed range of rows needs as few bytes with them.
 */
function parametersFor(length: number): Readonly<Record<number, number>> {
  const bits = Math.min(Math.max(Math.ceil(Math.log2(length)), LEAST_BITS), MOST_BITS);
  const tableBits = bits - (bits <= LEVEL_BITS ? 3 : 4);
  return {
    ...PARAMETERS,
    [constants.ZSTD_c_windowLog]: bits,
    [constants.ZSTD_c_hashLog]: tableBits,
    [constants.ZSTD_c_chainLog]: tableBits,
  };
}

/**
 * The first bytes of a dictionary that `zstd --train` made. zstd would parse such a dictionary, and refuse it if the rest is not one. A
 * file of a project may be one. Without its first byte, it is plain content.
 */
const TRAINED = Buffer.from("37a430ec", "hex");

function untrained(content: Uint8Array): Uint8Array {
  return TRAINED.equals(content.subarray(0, TRAINED.length)) ? content.subarray(1) : content;
}
