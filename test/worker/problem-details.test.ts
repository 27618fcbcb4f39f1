import { expect, test } from "vitest";
import { OpsError } from "../../src/report/error.ts";
import { toProblem } from "../../src/worker/problem-details.ts";

test("problem details do not reveal an error of d1ops outside onboarding, even if its code is a problem code", () => {
  const text = { message: "UNIQUE constraint failed: tenants.email", hint: "Look at tenants." };
  const { body, status } = toProblem(new OpsError("INTERNAL", { reason: "x" }, text), "r-1");
  expect(status).toBe(500);
  expect(JSON.stringify(body)).not.toContain("tenants");
});
