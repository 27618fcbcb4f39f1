import { describe, inject } from "vitest";
import { s3Store } from "../../src/s3/s3-store.ts";
import { testStore } from "../snapshots/store-contract.ts";
import { newHome, SETTINGS } from "./s3-home.ts";

describe.skipIf(inject("swift") === null)("a store in Swift", () => {
  testStore("a store with a prefix", async () => s3Store(await newHome(), SETTINGS));
  testStore("a store that is a whole bucket", async () => s3Store(await newHome(""), SETTINGS));
});
