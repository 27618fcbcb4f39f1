import { describe } from "vitest";
import { openGround } from "./ground.ts";
import { playScenario } from "./scenario.ts";

describe("the routes in this process, with a database in memory", () => {
  playScenario(async () => (await openGround()).ask);
});
