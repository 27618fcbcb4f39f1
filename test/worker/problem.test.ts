import { expect, test } from "vitest";
import { OpsError } from "../../src/report/error.ts";
import { problemOf } from "../../src/worker/problem.ts";

test("an error of d1ops that is none of onboarding stays inside, though it has a code that is told", () => {
  const text = { message: "UNIQUE constraint failed: tenants.email", hint: "Look at tenants." };
  const { body, status } = problemOf(new OpsError("INTERNAL", { reason: "x" }, text), "r-1");
  expect(status).toBe(500);
  expect(JSON.stringify(body)).not.toContain("tenants");
});
