import { expect, test } from "vitest";
import { openMemory } from "../../src/database/memory.ts";
import { applyToTheEnd } from "../../src/migrations/finish-apply.ts";
import { OpsError } from "../../src/report/error.ts";
import { migration } from "./make.ts";
import { databaseForEach, losing, request } from "./run-fixture.ts";

databaseForEach();

const ONE = migration("0001_one.sql", "CREATE TABLE one(a);");

test("verifies the schema after Ctrl-C, although the answer to the close was lost", async () => {
  const interrupted = async (): Promise<never> => {
    throw new OpsError("INTERRUPTED", { signal: "SIGINT" }, { message: "Interrupted.", hint: "" });
  };
  let waits = 0;
  const finished = await applyToTheEnd({
    // The second batch closes the run.
    ...(await request([ONE], { d1: losing(2), sleep: interrupted })),
    sleepToTheEnd: async () => {
      waits += 1;
    },
    accepts: [],
    openMemory,
    wroteAll: undefined,
  });
  expect(waits).toBe(1);
  expect(finished).toMatchObject({
    ran: [ONE.name],
    left: [],
    final: { findings: [], checks: [{ id: "schema.matches", outcome: "pass" }] },
  });
});
