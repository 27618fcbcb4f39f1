/** @module A store of snapshots in an S3-compatible storage: with the names of a store in a folder below a prefix. */
import { hash } from "node:crypto";
import type { Part, Store, StoredObject, StoreFolder } from "../snapshots/store/store.ts";
import { connectS3, type S3Answer, type S3Settings, type SendS3 } from "./s3-client.ts";
import { storeError } from "./s3-error.ts";
import { S3Failure } from "./s3-failure.ts";
import { type S3Home, s3Location } from "./s3-home.ts";
import { pageOf, type S3Page } from "./s3-listing.ts";

const OBJECT_NAME = /^[\da-f]{64}$/;

/**
 * Needs only what every such storage has: PUT, GET with a range, DELETE and ListObjectsV2. Other objects in the bucket are ignored. The
 * bucket has to exist.
 * @throws OpsError STORE_REFUSED, STORE_UNREACHABLE, INTERRUPTED
 */
export function s3Store(home: S3Home, settings: S3Settings): Store {
  const send = connectS3(home, settings);
  const root = home.prefix === "" ? "" : `${home.prefix}/`;
  const keyOf = (folder: StoreFolder, name: string): string => `${root}${folder}/${name}`;
  const named = async <T>(what: string, act: () => Promise<T>): Promise<T> => {
    try {
      return await act();
    } catch (error) {
      throw error instanceof S3Failure ? storeError(error, { home, what }) : error;
    }
  };
  return {
    location: s3Location(home),
    folder: null,
    list: async (folder) =>
      named(`list ${folder}`, async () => listObjects(send, keyOf(folder, ""))),
    async find(folder, name) {
      if (!OBJECT_NAME.test(name)) return null;
      return named(`find ${folder}/${name}`, async () =>
        findObject(send, keyOf(folder, name), name),
      );
    },
    async read(folder, name, part) {
      if (!OBJECT_NAME.test(name)) return null;
      return named(`read ${folder}/${name}`, async () =>
        readObject(send, keyOf(folder, name), part ?? null),
      );
    },
    async write(folder, name, bytes) {
      if (!OBJECT_NAME.test(name)) throw new Error(`not the name of an object: ${name}`);
      await named(`write ${folder}/${name}`, async () =>
        writeObject(send, keyOf(folder, name), bytes),
      );
    },
    async remove(folder, name) {
      if (!OBJECT_NAME.test(name)) return;
      await named(`remove ${folder}/${name}`, async () => {
        const request = { method: "DELETE", key: keyOf(folder, name), expected: [404] } as const;
        await send(request, requireBucket);
      });
    },
  };
}

async function listObjects(send: SendS3, prefix: string): Promise<StoredObject[]> {
  const found: StoredObject[] = [];
  for (let next: string | null = ""; next !== null;) {
    const query: Record<string, string> = { "list-type": "2", prefix };
    if (next !== "") query["continuation-token"] = next;
    const page: S3Page = await send({ method: "GET", key: "", query }, ({ bytes }) =>
      pageOf(new TextDecoder().decode(bytes)),
    );
    for (const { key, bytes, writtenAt } of page.objects) {
      const name = key.slice(prefix.length);
      if (key.startsWith(prefix) && OBJECT_NAME.test(name)) found.push({ name, bytes, writtenAt });
    }
    next = page.next;
  }
  return found;
}

/** The answer to HEAD has no body, so a missing bucket looks like a missing object. */
async function findObject(send: SendS3, key: string, name: string): Promise<StoredObject | null> {
  return send({ method: "HEAD", key, expected: [404] }, ({ status, headers }) => {
    if (status === 404) return null;
    const bytes = Number(headers.get("content-length") ?? Number.NaN);
    const written = Date.parse(headers.get("last-modified") ?? "");
    if (Number.isSafeInteger(bytes) && !Number.isNaN(written)) {
      return { name, bytes, writtenAt: new Date(written).toISOString() };
    }
    throw new S3Failure("The answer has no size or no date.", { status, isPassing: true });
  });
}

async function readObject(
  send: SendS3,
  key: string,
  part: Part | null,
): Promise<Uint8Array | null> {
  const last = part && part.at + Math.max(part.bytes, 1) - 1;
  const headers = part === null ? {} : { Range: `bytes=${part.at}-${last}` };
  // 416: the object ends before the part.
  return send({ method: "GET", key, headers, expected: [404, 416] }, (answer) => {
    if (answer.status === 404) return requireBucket(answer);
    if (answer.status === 416) return new Uint8Array();
    return part === null ? answer.bytes : partIn(answer, part);
  });
}

/** A storage may ignore the range and answer with the whole object. */
function partIn({ status, headers, bytes }: S3Answer, { at, bytes: length }: Part): Uint8Array {
  if (status !== 206) return bytes.subarray(at, at + length);
  const [, from, to] = /^bytes (\d+)-(\d+)\//.exec(headers.get("content-range") ?? "") ?? [];
  if (Number(from) !== at || bytes.length !== Number(to) - at + 1) {
    const message = "The storage sent another part than the requested one.";
    throw new S3Failure(message, { status, isPassing: true });
  }
  return bytes.subarray(0, length);
}

/** Null: there is no such object. @throws S3Failure if there is not even the bucket */
function requireBucket({ status, bytes }: S3Answer): null {
  const text = new TextDecoder().decode(bytes);
  if (status !== 404 || !text.includes("<Code>NoSuchBucket</Code>")) return null;
  const message = "The bucket does not exist.";
  throw new S3Failure(message, { status, code: "NoSuchBucket" });
}

/**
 * The storage compares what it has received with both hashes. Its answer has the MD5 again, unless it encrypts the objects: then the size is
 * compared. An object that exists is written again.
 */
async function writeObject(send: SendS3, key: string, bytes: Uint8Array): Promise<void> {
  const headers = {
    "Content-MD5": hash("md5", bytes, "base64"),
    "Content-Type": "application/octet-stream",
  };
  const etag = await send({ method: "PUT", key, headers, body: bytes }, (answer) =>
    answer.headers.get("etag"),
  );
  if (etag?.replaceAll('"', "") === hash("md5", bytes)) return;
  await send({ method: "HEAD", key }, ({ status, headers: stored }) => {
    const length = stored.get("content-length");
    if (length === `${bytes.length}`) return;
    const message = `The storage has ${length ?? "an unknown number of"} bytes of the ${bytes.length} that d1ops wrote.`;
    throw new S3Failure(message, { status });
  });
}
