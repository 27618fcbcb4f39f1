import { test } from "vitest";
import { playRaces } from "./race-model.ts";

test("takes, verifications and prunes at the same time, each slow or killed anywhere, leave every snapshot whole and a proven one", async () => {
  await playRaces(400, { copies: false });
});

test("copies, takes and prunes at the same time, each slow or killed anywhere, leave every snapshot whole", async () => {
  await playRaces(400, { copies: true });
});
