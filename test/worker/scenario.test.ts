import { describe } from "vitest";
import { openWorkerFixture } from "./worker-fixture.ts";
import { playScenario } from "./scenario.ts";

describe("the routes in this process, with a database in memory", () => {
  playScenario(async () => (await openWorkerFixture()).ask);
});
