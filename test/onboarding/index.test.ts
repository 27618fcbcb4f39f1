import { expect, onTestFinished, test } from "vitest";
import { openOnboarding, OpsError } from "../../src/onboarding/index.ts";
import { emptyMemory, portsOver } from "./ground.ts";

test("what is refused is caught by what the library itself exports: a Worker needs nothing else of d1ops", async () => {
  const { d1, close } = await emptyMemory();
  onTestFinished(close);
  const onboarding = openOnboarding(portsOver(d1));
  const caller = { tenant: "acme", user: "ada" };
  const { session } = await onboarding.start(caller, {});
  const error: unknown = await onboarding.complete(caller, session).catch((thrown) => thrown);
  if (!(error instanceof OpsError) || error.code !== "ONBOARDING_OUT_OF_ORDER") throw error;
  expect(error.details.missing).toEqual(["business", "agents", "assistant", "knowledge"]);
});
