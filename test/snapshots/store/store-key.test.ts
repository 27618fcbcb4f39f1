import { describe, expect, test } from "vitest";
import { ageWrapping } from "../../../src/files/age.ts";
import { newKey, storeWithNewKey } from "../../../src/snapshots/store/give-key.ts";
import {
  readWrappedKeys,
  type Secrets,
  unlockKey,
  type WayToUnlock,
} from "../../../src/snapshots/store/store-key.ts";
import type { Store } from "../../../src/snapshots/store/store.ts";
import { newIdentity } from "../identities.ts";
import { storeFolder } from "../store-folder.ts";

const NONE: Secrets = { identities: [], passphrase: null };

async function unlocked(store: Store, secrets: Partial<Secrets>): Promise<string | null> {
  const keys = await readWrappedKeys(store, ageWrapping);
  const key = keys && (await unlockKey(keys, ageWrapping, { ...NONE, ...secrets }));
  return key && Buffer.from(key).toString("hex");
}

const MANIFEST = "a".repeat(64);

/** Writes a manifest into a store with a new key. Null if the store has another key. */
async function createKey(store: Store, ways: readonly WayToUnlock[]): Promise<Uint8Array | null> {
  const made = await newKey(ageWrapping, ways);
  const taken = new Error("another key");
  try {
    await storeWithNewKey(store, ageWrapping, made, () => taken).write(
      "snapshots",
      MANIFEST,
      new Uint8Array(1),
    );
    return made.key;
  } catch (error) {
    if (error === taken) return null;
    throw error;
  }
}

/** The names of the key files. */
function keysIn(objects: readonly string[]): string[] {
  return objects.filter((name) => name.startsWith("keys/"));
}

describe("the key of a store", () => {
  test("is unlocked by each recipient and by the passphrase, and by nothing else", async () => {
    const { store, objects } = storeFolder();
    const [one, two, stranger] = await Promise.all([newIdentity(), newIdentity(), newIdentity()]);
    const key = await createKey(store, [
      { kind: "recipients", recipients: [one.recipient, two.recipient] },
      { kind: "passphrase", passphrase: "correct horse" },
    ]);
    const hex = Buffer.from(key ?? []).toString("hex");
    expect(hex).toMatch(/^[\da-f]{64}$/);
    expect(keysIn(objects())).toHaveLength(2);
    expect(await readWrappedKeys(store, ageWrapping)).toMatchObject({
      hasPassphrase: true,
      hasRecipients: true,
      damages: [],
    });
    expect(await unlocked(store, { identities: [one.identity] })).toBe(hex);
    expect(await unlocked(store, { identities: [stranger.identity, two.identity] })).toBe(hex);
    expect(await unlocked(store, { passphrase: "correct horse" })).toBe(hex);
    expect(await unlocked(store, { passphrase: "Correct horse" })).toBeNull();
    expect(await unlocked(store, { identities: [stranger.identity] })).toBeNull();
    expect(await unlocked(store, {})).toBeNull();
  });

  test("differs between two stores with the same passphrase", async () => {
    const [one, two] = [storeFolder(), storeFolder()];
    const ways = [{ kind: "recipients", recipients: [(await newIdentity()).recipient] }] as const;
    const keys = [await createKey(one.store, ways), await createKey(two.store, ways)];
    expect(keys[0]).not.toEqual(keys[1]);
  });

  test("tells which ways a store has, and null for a store that is not encrypted", async () => {
    const { store } = storeFolder();
    expect(await readWrappedKeys(store, ageWrapping)).toBeNull();
    await createKey(store, [{ kind: "recipients", recipients: [(await newIdentity()).recipient] }]);
    expect(await readWrappedKeys(store, ageWrapping)).toMatchObject({
      hasPassphrase: false,
      hasRecipients: true,
    });
  });

  test("is not created in a store that has one", async () => {
    const { store, objects } = storeFolder();
    const { identity, recipient } = await newIdentity();
    const ways = [{ kind: "recipients", recipients: [recipient] }] as const;
    await createKey(store, ways);
    const before = objects();
    const key = await unlocked(store, { identities: [identity] });
    expect(await createKey(store, ways)).toBeNull();
    expect(objects()).toEqual(before);
    expect(await unlocked(store, { identities: [identity] })).toBe(key);
  });

  test("is not created if another process creates one at the same time, whose key stays", async () => {
    const { store, objects } = storeFolder();
    const { identity, recipient } = await newIdentity();
    const ways = [{ kind: "recipients", recipients: [recipient] }] as const;
    let first: Uint8Array | null = null;
    const slow: Store = {
      ...store,
      async write(folder, name, bytes) {
        // The other process is done after this one has found no key, and before it writes its own.
        if (folder === "keys") first ??= await createKey(store, ways);
        await store.write(folder, name, bytes);
      },
    };
    expect(await createKey(slow, ways)).toBeNull();
    expect(first).not.toBeNull();
    expect(keysIn(objects())).toHaveLength(1);
    expect(await unlocked(store, { identities: [identity] })).toBe(
      Buffer.from(first ?? []).toString("hex"),
    );
  });

  test("is stored before the manifest, and not before: a take that fails leaves a store without a key", async () => {
    const { store, objects } = storeFolder();
    const made = await newKey(ageWrapping, [
      { kind: "recipients", recipients: [(await newIdentity()).recipient] },
    ]);
    const written: string[] = [];
    const watched: Store = {
      ...store,
      async write(folder, name, bytes) {
        written.push(folder);
        await store.write(folder, name, bytes);
      },
    };
    const target = storeWithNewKey(watched, ageWrapping, made, () => new Error("taken"));
    await target.write("packs", MANIFEST, new Uint8Array(1));
    expect(keysIn(objects())).toEqual([]);
    await target.write("snapshots", MANIFEST, new Uint8Array(1));
    await target.write("snapshots", "b".repeat(64), new Uint8Array(1));
    expect(written).toEqual(["packs", "keys", "snapshots", "snapshots"]);
  });

  test("is found by a second copy if the first is damaged, and the damaged copy is named if none fits", async () => {
    const { store, objects, read, write } = storeFolder();
    const [one, two] = [await newIdentity(), await newIdentity()];
    await createKey(store, [
      { kind: "recipients", recipients: [one.recipient] },
      { kind: "recipients", recipients: [two.recipient] },
    ]);
    const [damaged = ""] = keysIn(objects());
    const bytes = read(damaged);
    bytes.writeUInt8(bytes.readUInt8(40) ^ 1, 40);
    write(damaged, bytes);
    const keys = await readWrappedKeys(store, ageWrapping);
    expect(keys?.damages.map(({ details }) => details.object)).toEqual([damaged]);
    const both = [one.identity, two.identity];
    expect(await unlocked(store, { identities: both })).toMatch(/^[\da-f]{64}$/);
    await expect(
      unlocked(store, { identities: [(await newIdentity()).identity] }),
    ).rejects.toMatchObject({ code: "SNAPSHOT_DAMAGED", details: { object: damaged } });
  });

  test("names a key file of a newer format instead of guessing", async () => {
    const { store } = storeFolder();
    const { identity, recipient } = await newIdentity();
    const later = new TextEncoder().encode('{"format":2,"key":"x"}\n');
    const file = await ageWrapping.wrap(later, { kind: "recipients", recipients: [recipient] });
    await store.write("keys", ageWrapping.digest(file), file);
    await expect(unlocked(store, { identities: [identity] })).rejects.toMatchObject({
      code: "SNAPSHOT_FORMAT",
      details: { format: 2 },
    });
  });
});
