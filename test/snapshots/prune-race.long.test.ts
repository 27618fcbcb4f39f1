import { test } from "vitest";
import { playRaces } from "./race-model.ts";

test("8,000 histories of takes, verifications and prunes at the same time leave every snapshot whole and a proven one", async () => {
  await playRaces(8_000, { copies: false });
});
