/** Writes objects into the store of its first argument until it is killed. Prints a line per written object. */
import { randomBytes } from "node:crypto";
import { folderStore } from "../../src/files/folder-store.ts";
import { snapshotCodec } from "../../src/files/snapshot-codec.ts";

const store = folderStore(process.argv[2] ?? "");
for (;;) {
  const bytes = randomBytes(300_000);
  const name = snapshotCodec.digest(bytes);
  await store.write("packs", name, bytes);
  process.stdout.write(`${name}\n`);
}
