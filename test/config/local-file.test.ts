import { expect, test } from "vitest";
import { localDatabasePath } from "../../src/config/local-file.ts";

// File names that `wrangler d1 execute --local` made; the slow test creates them again.
test.each([
  ["user-id", "ca607ccf5e3bbc3cb53d2da1628922387a2c3f2a849d96570d8ff199374458af"],
  ["staging-id", "0038dccbd14799847d5a726b377123577d7dce59ec786cdd6944fe092382e62f"],
])("localDatabasePath of %s returns the file that wrangler creates", (id, hash) => {
  expect(localDatabasePath("/shop/.wrangler/state", id)).toBe(
    `/shop/.wrangler/state/v3/d1/miniflare-D1DatabaseObject/${hash}.sqlite`,
  );
});
