import { describe, expect, test } from "vitest";
import { ageWrapping } from "../../src/files/age.ts";
import {
  createKey,
  type KeyWrapping,
  readWrappedKeys,
  type Secrets,
  unlockKey,
} from "../../src/snapshots/store-key.ts";
import type { Store } from "../../src/snapshots/store.ts";
import { newIdentity } from "./identities.ts";
import { storeFolder } from "./store-folder.ts";

const NONE: Secrets = { identities: [], passphrase: null };

async function unlocked(store: Store, secrets: Partial<Secrets>): Promise<string | null> {
  const keys = await readWrappedKeys(store, ageWrapping);
  const key = keys && (await unlockKey(keys, ageWrapping, { ...NONE, ...secrets }));
  return key && Buffer.from(key).toString("hex");
}

describe("the key of a store", () => {
  test("is unlocked by each recipient and by the passphrase, and by nothing else", async () => {
    const { store, objects } = storeFolder();
    const [one, two, stranger] = await Promise.all([newIdentity(), newIdentity(), newIdentity()]);
    const key = await createKey(store, ageWrapping, [
      { kind: "recipients", recipients: [one.recipient, two.recipient] },
      { kind: "passphrase", passphrase: "correct horse" },
    ]);
    const hex = Buffer.from(key ?? []).toString("hex");
    expect(hex).toMatch(/^[\da-f]{64}$/);
    expect(objects()).toHaveLength(2);
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
    const keys = [
      await createKey(one.store, ageWrapping, ways),
      await createKey(two.store, ageWrapping, ways),
    ];
    expect(keys[0]).not.toEqual(keys[1]);
  });

  test("tells which ways a store has, and null for a store that is not encrypted", async () => {
    const { store } = storeFolder();
    expect(await readWrappedKeys(store, ageWrapping)).toBeNull();
    await createKey(store, ageWrapping, [
      { kind: "recipients", recipients: [(await newIdentity()).recipient] },
    ]);
    expect(await readWrappedKeys(store, ageWrapping)).toMatchObject({
      hasPassphrase: false,
      hasRecipients: true,
    });
  });

  test("is not created in a store that has one", async () => {
    const { store, objects } = storeFolder();
    const { identity, recipient } = await newIdentity();
    const ways = [{ kind: "recipients", recipients: [recipient] }] as const;
    await createKey(store, ageWrapping, ways);
    const before = objects();
    const key = await unlocked(store, { identities: [identity] });
    expect(await createKey(store, ageWrapping, ways)).toBeNull();
    expect(objects()).toEqual(before);
    expect(await unlocked(store, { identities: [identity] })).toBe(key);
  });

  test("is not created if another process creates one at the same time, whose key stays", async () => {
    const { store, objects } = storeFolder();
    const { recipient } = await newIdentity();
    const ways = [{ kind: "recipients", recipients: [recipient] }] as const;
    let first: Uint8Array | null = null;
    const slow: KeyWrapping = {
      ...ageWrapping,
      // The other process is done before this one writes.
      async wrap(bytes, way) {
        first = await createKey(store, ageWrapping, ways);
        return ageWrapping.wrap(bytes, way);
      },
    };
    expect(await createKey(store, slow, ways)).toBeNull();
    expect(first).not.toBeNull();
    expect(objects()).toHaveLength(1);
  });

  test("is found by a second copy if the first is damaged, and the damaged copy is named if none fits", async () => {
    const { store, objects, read, write } = storeFolder();
    const [one, two] = [await newIdentity(), await newIdentity()];
    await createKey(store, ageWrapping, [
      { kind: "recipients", recipients: [one.recipient] },
      { kind: "recipients", recipients: [two.recipient] },
    ]);
    const [damaged = ""] = objects();
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
