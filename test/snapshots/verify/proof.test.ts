import { describe, expect, test } from "vitest";
import { encryptedCodec } from "../../../src/files/encrypted-codec.ts";
import { snapshotCodec } from "../../../src/files/snapshot-codec.ts";
import {
  newestProofs,
  proofOf,
  readProofs,
  writeProof,
} from "../../../src/snapshots/verify/proof.ts";
import { writeRecord } from "../../../src/snapshots/store/record.ts";
import { handMade, SHOP, table } from "../hand-made.ts";
import { storeFolder } from "../store-folder.ts";

const snapshot = handMade("abc1", { tables: [table("users", "a")] });
const DRILL = { tool: "d1ops 0.1.0", how: "drill", provenAt: "2026-11-30T10:00:00.000Z" } as const;
const VERIFY = { ...DRILL, how: "verify", provenAt: "2026-11-30T11:00:00.000Z" } as const;

const encrypted = encryptedCodec(Buffer.alloc(32, 1));

test("a proof of an encrypted store has nothing of its text in its bytes", async () => {
  const { store, objects, read } = storeFolder();
  await writeProof(store, encrypted, proofOf(snapshot, DRILL));
  const bytes = read(objects()[0] ?? "");
  for (const text of ["format", "shop", "drill", "abc1"]) expect(bytes.includes(text)).toBe(false);
});

describe.each([
  ["plain", snapshotCodec],
  ["encrypted", encrypted],
])("the proofs of a store that is %s", (_kind, codec) => {
  test("come back as they were written, newest first", async () => {
    const { store } = storeFolder();
    expect(await readProofs(store, codec)).toEqual({ proofs: [], unreadable: [] });
    await writeProof(store, codec, proofOf(snapshot, DRILL));
    await writeProof(store, codec, proofOf(snapshot, VERIFY));
    const found = await readProofs(store, codec);
    expect(found.unreadable).toEqual([]);
    expect(found.proofs).toMatchObject([
      { ...VERIFY, snapshot: snapshot.id, source: SHOP, takenAt: snapshot.manifest.takenAt },
      { ...DRILL, snapshot: snapshot.id, format: 1, wayBack: false },
    ]);
    expect(newestProofs(snapshot.id, found).map(({ how }) => how)).toEqual(["verify", "drill"]);
    expect(newestProofs("another", found)).toEqual([]);
  });

  test("are one object if two processes record the same", async () => {
    const { store, objects } = storeFolder();
    const proof = proofOf(snapshot, DRILL);
    await Promise.all([writeProof(store, codec, proof), writeProof(store, codec, proof)]);
    expect(objects()).toHaveLength(1);
  });

  test("prove nothing if a byte is damaged or their format is newer, and the others still do", async () => {
    const { store, objects, read, write } = storeFolder();
    await writeProof(store, codec, proofOf(snapshot, DRILL));
    const [damaged = ""] = objects();
    const bytes = read(damaged);
    bytes.writeUInt8(bytes.readUInt8(15) ^ 1, 15);
    write(damaged, bytes);
    const later = await writeRecord(store, codec, "proofs", { format: 2 });
    await writeProof(store, codec, proofOf(snapshot, VERIFY));
    const { proofs, unreadable } = await readProofs(store, codec);
    expect(proofs).toMatchObject([VERIFY]);
    expect(unreadable.map(({ error }) => [error.code, error.details.object]).toSorted()).toEqual([
      ["SNAPSHOT_DAMAGED", damaged],
      ["SNAPSHOT_FORMAT", `proofs/${later}`],
    ]);
  });
});
