import { expect, test } from "vitest";
import { release, withRoom } from "../../../src/snapshots/store/bytes.ts";

test("release frees the memory of bytes that own it, and of no others", () => {
  const own = new Uint8Array([1, 2, 3]);
  const part = new Uint8Array([1, 2, 3]).subarray(1);
  const shared = new Uint8Array(new SharedArrayBuffer(3));
  for (const bytes of [own, part, shared]) release(bytes);
  expect([own.length, part.length, shared.length]).toEqual([0, 2, 3]);
});

test("withRoom keeps the bytes, doubles their room up to a limit, and exceeds the limit only for what does not fit", () => {
  let bytes = withRoom(new Uint8Array(0), 3, 10);
  bytes.set([1, 2, 3]);
  const rooms = [3, 4, 6, 7, 10, 25, 26].map((length) => {
    bytes = withRoom(bytes, length, 10);
    return bytes.length;
  });
  expect(rooms).toEqual([3, 6, 6, 10, 10, 25, 26]);
  expect(bytes.subarray(0, 4)).toEqual(new Uint8Array([1, 2, 3, 0]));
});
