/**
 * Which file `wrangler dev` and `wrangler d1 --local` keep a database in.
 * @module
 */
import { createHash, createHmac } from "node:crypto";
import { join } from "node:path";

const CLASS = "miniflare-D1DatabaseObject";

/** The path only: the file may not exist yet. The same folder holds `metadata.sqlite`, which is no database of ours. */
export function localDatabasePath(statePath: string, localId: string): string {
  return join(statePath, "v3", "d1", CLASS, `${objectId(localId)}.sqlite`);
}

/** A Durable Object's id: half names it, half proves that it belongs to the class. */
function objectId(name: string): string {
  const key = createHash("sha256").update(CLASS).digest();
  const named = firstHalf(key, name);
  return Buffer.concat([named, firstHalf(key, named)]).toString("hex");
}

function firstHalf(key: Buffer, data: string | Buffer): Buffer {
  return createHmac("sha256", key).update(data).digest().subarray(0, 16);
}
