import { expect, test } from "vitest";
import { release } from "../../src/snapshots/bytes.ts";

test("release frees the memory of bytes that own it, and of no others", () => {
  const own = new Uint8Array([1, 2, 3]);
  const part = new Uint8Array([1, 2, 3]).subarray(1);
  const shared = new Uint8Array(new SharedArrayBuffer(3));
  for (const bytes of [own, part, shared]) release(bytes);
  expect([own.length, part.length, shared.length]).toEqual([0, 2, 3]);
});
