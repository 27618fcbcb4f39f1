import { describe } from "vitest";
import { openGround } from "./ground.ts";
import { playScenario } from "./scenario.ts";

describe("the contract, over a database in memory", () => {
  playScenario(async () => (await openGround()).ask);
});
