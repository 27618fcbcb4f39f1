/** Writes objects into the store of its first argument until it is killed. Prints a line per written object. */
import { randomBytes } from "node:crypto";
import { folderStore } from "../../src/files/folder-store.ts";
import { snapshotCodec } from "../../src/files/snapshot-codec.ts";

const store = folderStore(process.argv[2] ?? "");
// Hashed in advance, so that a kill almost always meets a write.
const objects = Array.from({ length: 50 }, () => randomBytes(1_000_000)).map((bytes) => ({
  name: snapshotCodec.digest(bytes),
  bytes,
}));
for (const { name, bytes } of objects) {
  await store.write("packs", name, bytes);
  process.stdout.write(`${name}\n`);
}
