/**
 * The file in which `wrangler dev` and `wrangler d1 --local` store a database.
 * @module
 */
import { createHash, createHmac } from "node:crypto";
import { join } from "node:path";

const CLASS = "miniflare-D1DatabaseObject";

/** The path of the file, which may not exist yet. The same folder contains `metadata.sqlite`, which is not a D1 database. */
export function localDatabasePath(statePath: string, localId: string): string {
  return join(statePath, "v3", "d1", CLASS, `${objectId(localId)}.sqlite`);
}

/** The id of a Durable Object. The first half is derived from its name; the second half proves that it belongs to the class. */
function objectId(name: string): string {
  const key = createHash("sha256").update(CLASS).digest();
  const named = firstHalf(key, name);
  return Buffer.concat([named, firstHalf(key, named)]).toString("hex");
}

function firstHalf(key: Buffer, data: string | Buffer): Buffer {
  return createHmac("sha256", key).update(data).digest().subarray(0, 16);
}
