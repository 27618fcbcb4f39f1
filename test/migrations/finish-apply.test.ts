import { expect, test } from "vitest";
import { openMemory } from "../../src/database/memory.ts";
import type { D1Database, D1PreparedStatement } from "../../src/database/port.ts";
import { applyToTheEnd } from "../../src/migrations/finish-apply.ts";
import { OpsError } from "../../src/report/error.ts";
import { migration } from "./make.ts";
import { database, databaseForEach, LOST_ANSWER, request } from "./run-fixture.ts";

databaseForEach();

const ONE = migration("0001_one.sql", "CREATE TABLE one(a);");

/** Loses the answer of the second batch, which closes the run. */
function losingTheClose(): D1Database {
  let batches = 0;
  return {
    prepare: (query: string) => database.d1.prepare(query),
    exec: (query: string) => database.d1.exec(query),
    async batch<T>(statements: D1PreparedStatement[]) {
      const answers = await database.d1.batch<T>(statements);
      batches += 1;
      if (batches === 2) throw LOST_ANSWER;
      return answers;
    },
  };
}

test("verifies the schema after Ctrl-C, although the answer to the close was lost", async () => {
  const interrupted = async (): Promise<never> => {
    throw new OpsError("INTERRUPTED", { signal: "SIGINT" }, { message: "Interrupted.", hint: "" });
  };
  let waits = 0;
  const finished = await applyToTheEnd({
    ...(await request([ONE], { d1: losingTheClose(), sleep: interrupted })),
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
