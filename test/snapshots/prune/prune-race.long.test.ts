import { test } from "vitest";
import { playRaces } from "./race-model.ts";

test("2,000 histories of takes, verifications and prunes at the same time leave every snapshot whole and a proven one", async () => {
  await playRaces(2_000, { copies: false });
});
