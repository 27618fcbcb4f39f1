/** @module A store of snapshots in a folder: one file per object, in `packs/`, `snapshots/`, `proofs/` and `keys/`. */
import { closeSync, fstatSync, openSync, readSync, type Stats } from "node:fs";
import { lstat, readdir, rm, utimes } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Part, Store, StoredObject, StoreFolder } from "../snapshots/store/store.ts";
import { errorCode, unreadable } from "./reason.ts";
import { READ_REGULAR, UnsupportedFile } from "./regular.ts";
import { DRAFT_NAME, replaceFile, syncFolder } from "./replace-file.ts";
import { makeFolders, unwritable } from "./write.ts";

const OBJECT_NAME = /^[\da-f]{64}$/;

/** No write takes this long, so the writer of such a draft was killed. */
const OLD_DRAFT_MS = 24 * 60 * 60 * 1000;

/**
 * The first write creates the folder. Everything that d1ops creates in it is for its owner only. Other files in it are ignored.
 * @throws OpsError FILE_UNWRITABLE; INPUT_UNREADABLE from `list` and `read`
 */
export function folderStore(path: string): Store {
  const location = resolve(path);
  const swept = new Set<StoreFolder>();
  return {
    location,
    folder: location,
    list: async (folder) => listObjects(join(location, folder)),
    find: async (folder, name) =>
      OBJECT_NAME.test(name) ? findObject(join(location, folder), name) : null,
    read: async (folder, name, part) =>
      OBJECT_NAME.test(name) ? readObject(join(location, folder, name), part ?? null) : null,
    async write(folder, name, bytes) {
      if (!OBJECT_NAME.test(name)) throw new Error(`not the name of an object: ${name}`);
      await changing(join(location, folder, name), async (object) => {
        await makeDurable(dirname(object));
        if (!swept.has(folder)) await removeOldDrafts(dirname(object));
        swept.add(folder);
        await writeObject(object, bytes);
      });
    },
    async remove(folder, name) {
      if (!OBJECT_NAME.test(name)) return;
      await changing(join(location, folder, name), async (object) => {
        if ((await statsOf(object)) === null) return;
        await rm(object, { force: true });
        // After a power failure, a removed manifest must not come back without its packs.
        await syncFolder(dirname(object));
      });
    },
  };
}

/** Never through a symbolic link inside the store: it could lead to files of others. */
async function changing(object: string, act: (object: string) => Promise<void>): Promise<void> {
  try {
    if ((await statsOf(dirname(object)))?.isSymbolicLink() === true) {
      throw new UnsupportedFile(
        `${dirname(object)} is a symbolic link, and d1ops writes only into real folders of a store`,
      );
    }
    await act(object);
  } catch (error) {
    throw unwritable(object, error);
  }
}

/** Creates a folder so that it survives a power failure. */
async function makeDurable(folder: string): Promise<void> {
  for (const created of makeFolders(folder, 0o700)) await syncFolder(dirname(created));
}

async function removeOldDrafts(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!DRAFT_NAME.test(name)) continue;
    const draft = join(folder, name);
    const found = await statsOf(draft);
    const old = found?.isFile() === true && Date.now() - found.mtimeMs > OLD_DRAFT_MS;
    if (old) await rm(draft, { force: true });
  }
}

async function writeObject(object: string, bytes: Uint8Array): Promise<void> {
  const found = await statsOf(object);
  // An object of another size is damaged, for example by a disk that lost a part of it.
  const exists = found?.isFile() === true && found.size === bytes.length;
  if (!exists || !(await renewDate(object))) await replaceFile(object, bytes, 0o600);
  // Also if it exists: another process may have written it just now.
  await syncFolder(dirname(object));
}

/** False if this user may write the file and does not own it: then only new bytes renew its date. */
async function renewDate(object: string): Promise<boolean> {
  const now = new Date();
  try {
    await utimes(object, now, now);
    return true;
  } catch (error) {
    if (errorCode(error) === "EPERM" || errorCode(error) === "EACCES") return false;
    throw error;
  }
}

async function findObject(folder: string, name: string): Promise<StoredObject | null> {
  try {
    return await objectOf(folder, name);
  } catch (error) {
    throw unreadable(join(folder, name), error);
  }
}

async function listObjects(folder: string): Promise<StoredObject[]> {
  try {
    const names = (await readdir(folder)).filter((name) => OBJECT_NAME.test(name));
    const objects = await Promise.all(names.map(async (name) => objectOf(folder, name)));
    return objects.filter((object) => object !== null);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    throw unreadable(folder, error);
  }
}

/** Null if it is not a regular file, or was removed meanwhile. */
async function objectOf(folder: string, name: string): Promise<StoredObject | null> {
  const found = await statsOf(join(folder, name));
  if (found?.isFile() !== true) return null;
  return { name, bytes: found.size, writtenAt: found.mtime.toISOString() };
}

/** A snapshot has thousands of small parts. Through node's threads, each of them takes ten times as long. */
async function readObject(path: string, part: Part | null): Promise<Uint8Array | null> {
  let file: number | null = null;
  try {
    file = openSync(path, READ_REGULAR);
    const { size } = fstatSync(file);
    const at = part?.at ?? 0;
    const bytes = new Uint8Array(Math.max(0, Math.min(part?.bytes ?? size, size - at)));
    return bytes.subarray(0, fill(bytes, file, at));
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw unreadable(path, error);
  } finally {
    if (file !== null) closeSync(file);
  }
}

/** Returns the number of bytes. It is smaller than the length only if the file ends before. */
function fill(bytes: Uint8Array, file: number, at: number): number {
  let filled = 0;
  for (let read = -1; read !== 0 && filled < bytes.length; filled += read)
    read = readSync(file, bytes, filled, bytes.length - filled, at + filled);
  return filled;
}

/** Of a symbolic link itself. Null if there is no such file. */
async function statsOf(path: string): Promise<Stats | null> {
  try {
    return await lstat(path);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
}
