import type { Store } from "../../../src/snapshots/store/store.ts";

export function memoryStore(): Store {
  const objects = new Map<string, Uint8Array>();
  return {
    location: "memory",
    folder: null,
    list: async (folder) =>
      [...objects]
        .filter(([key]) => key.startsWith(`${folder}/`))
        .map(([key, { length }]) => ({
          name: key.slice(folder.length + 1),
          bytes: length,
          writtenAt: "2026-11-30T00:00:00.000Z",
        })),
    find: async (folder, name) => {
      const object = objects.get(`${folder}/${name}`);
      if (object === undefined) return null;
      return { name, bytes: object.length, writtenAt: "2026-11-30T00:00:00.000Z" };
    },
    read: async (folder, name, part) => {
      const object = objects.get(`${folder}/${name}`);
      if (object === undefined) return null;
      return part === undefined ? object.slice() : object.slice(part.at, part.at + part.bytes);
    },
    write: async (folder, name, bytes) => {
      objects.set(`${folder}/${name}`, bytes.slice());
    },
    remove: async (folder, name) => {
      objects.delete(`${folder}/${name}`);
    },
  };
}
