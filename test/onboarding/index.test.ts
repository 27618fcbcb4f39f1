import { expect, onTestFinished, test } from "vitest";
import { openOnboarding, OpsError } from "../../src/onboarding/index.ts";
import { emptyMemory, portsOver } from "./databases.ts";

test("d1ops/onboarding exports the class of the errors that it throws", async () => {
  const { d1, close } = await emptyMemory();
  onTestFinished(close);
  const onboarding = openOnboarding(portsOver(d1));
  const caller = { tenant: "acme", user: "ada" };
  const { session } = await onboarding.start(caller, {});
  const error: unknown = await onboarding.complete(caller, session).catch((thrown) => thrown);
  if (!(error instanceof OpsError) || error.code !== "ONBOARDING_OUT_OF_ORDER") throw error;
  expect(error.details.missing).toEqual(["business", "agents", "assistant", "knowledge"]);
});
