import { describe, expect, test } from "vitest";
import { snapshotCodec } from "../../../src/files/snapshot-codec.ts";
import { ChunkWriter, type Previous } from "../../../src/snapshots/take/chunk-writer.ts";
import type { SnapshotFile } from "../../../src/snapshots/store/manifest.ts";
import { NOWHERE } from "../../../src/snapshots/store/unwritten.ts";
import { PackWriter } from "../../../src/snapshots/store/pack-writer.ts";
import { type FileSource, takeFiles } from "../../../src/snapshots/take/take-files.ts";
import { storeFolder, take } from "../store-folder.ts";
import { content, whole } from "../whole-file.ts";

async function takeOne(
  read: FileSource["read"],
  previous: Previous | null = null,
): Promise<SnapshotFile> {
  const packs = new PackWriter(NOWHERE, snapshotCodec, "");
  const chunks = new ChunkWriter(snapshotCodec, packs, previous);
  const request = { codec: snapshotCodec, chunks, before: [], onBytes: () => {} };
  const [file] = await takeFiles(request, [{ path: "a/x.bin", mode: 0o644, bytes: 1, read }]);
  if (file === undefined) throw new Error("no file");
  return file;
}

describe("takeFiles", () => {
  test("hashes the whole file, however it arrives", async () => {
    const bytes = content(1, 3_000_000);
    const inPieces: FileSource["read"] = async (pass) => {
      const buffer = Buffer.alloc(70_000);
      for (let at = 0; at < bytes.length; at += buffer.length) {
        const length = bytes.copy(buffer, 0, at);
        await pass(buffer.subarray(0, length));
      }
      return true;
    };
    const one = await takeOne(whole(bytes));
    expect(await takeOne(inPieces)).toEqual(one);
    expect(one).toMatchObject({ bytes: bytes.length, sha256: snapshotCodec.digest(bytes) });
  });

  test("reads a file again that changes meanwhile, and keeps only the last reading", async () => {
    let reading = 0;
    const file = await takeOne(async (pass) => {
      reading += 1;
      await pass(Buffer.from(`reading ${reading}`));
      return reading === 3;
    });
    expect(file.sha256).toBe(snapshotCodec.digest(Buffer.from("reading 3")));
    expect(file.chunks).toHaveLength(1);
  });

  test("fails after three readings if the file changes during each", async () => {
    await expect(takeOne(async () => false)).rejects.toThrow(
      expect.objectContaining({
        code: "INPUT_UNREADABLE",
        details: { path: "a/x.bin", reason: "it changed each of the 3 times that d1ops read it" },
        hint: 'Stop the program that writes it, or exclude it with the glob "!a/x.bin".',
      }),
    );
  });
});

describe("a second snapshot of a large file", () => {
  const before = content(2, 8_000_000);
  const edits: Readonly<Record<string, { readonly after: Buffer; readonly most: number }>> = {
    "5 MB are inserted near its beginning": {
      after: Buffer.concat([
        before.subarray(0, 1000),
        content(3, 5_000_000),
        before.subarray(1000),
      ]),
      most: 9_500_000,
    },
    "its first 3 MB are removed": { after: before.subarray(3_000_000), most: 1_500_000 },
    "100 kB are overwritten in its middle": {
      after: Buffer.concat([before.subarray(0, 4e6), content(4, 100_000), before.subarray(4.1e6)]),
      most: 200_000,
    },
  };

  test.each(Object.entries(edits))("stores little more than the change if %s", async (_, edit) => {
    const { store } = storeFolder();
    const file = (bytes: Buffer): Record<string, Buffer> => ({ "x.bin": bytes });
    const previous = await take(store, { files: file(before) });
    const { added } = await take(store, { files: file(edit.after), previous });
    expect(added).toBeLessThan(edit.most);
  });
});
