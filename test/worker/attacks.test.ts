import { describe } from "vitest";
import { playAttacks } from "./attacks.ts";
import { everythingIn, openWorkerFixture } from "./worker-fixture.ts";

describe("attacks on the Worker in this process, with a database in memory", () => {
  playAttacks(async () => {
    const { ask, d1 } = await openWorkerFixture();
    return { ask, all: () => everythingIn(d1) };
  });
});
