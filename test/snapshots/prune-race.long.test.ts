import { test } from "vitest";
import { playRaces } from "./race-model.ts";

test("20,000 histories of takes and prunes at the same time leave every snapshot whole", async () => {
  await playRaces(20_000);
});
