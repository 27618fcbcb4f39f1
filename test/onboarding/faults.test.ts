import { describe, expect, test } from "vitest";
import type { D1Database, D1PreparedStatement } from "../../src/database/port.ts";
import { OpsError } from "../../src/report/error.ts";
import { type Operation, operations, prepareFor } from "./operations.ts";
import { withHooks, type Hooks } from "./hooks.ts";
import { type Clock, clockAt, emptyMemory, type Opened, portsOver } from "./databases.ts";
import { type DumpedRow, dumpOf } from "./dump.ts";

/** A step is never half done, whichever statement fails and whenever the answer is lost. */

interface Stage extends Opened {
  readonly clock: Clock;
  readonly before: readonly DumpedRow[];
  /** Runs the operation on a database with hooks. */
  attempt(what: Hooks): Promise<unknown>;
}

async function stageOf(operation: Operation): Promise<Stage> {
  const { d1, close } = await emptyMemory();
  const clock = clockAt();
  await prepareFor(d1, operation, clock);
  return {
    d1,
    close,
    clock,
    before: await dumpOf(d1),
    attempt: (what) => operation.run(portsOver(withHooks(d1, what), clock, 9)),
  };
}

/** The result of the operation without faults, and its number of statements. */
async function undisturbed(
  operation: Operation,
): Promise<{ readonly after: readonly DumpedRow[]; readonly statements: number }> {
  const { d1, close, attempt } = await stageOf(operation);
  let statements = 0;
  await attempt({
    beforeBatch: async (all) => {
      statements = all.length;
      return undefined;
    },
  });
  const after = await dumpOf(d1);
  close();
  return { after, statements };
}

function broken(
  d1: D1Database,
  statements: readonly D1PreparedStatement[],
  at: number,
): D1PreparedStatement[] {
  return statements.with(at, d1.prepare("SELECT json('not today')"));
}

describe.each(operations.map((operation) => [operation.name, operation] as const))(
  "%s",
  (_, operation) => {
    test("rolls back whichever statement fails, and can be repeated", async () => {
      const { after, statements } = await undisturbed(operation);
      const { d1, close, before, attempt } = await stageOf(operation);
      expect(statements).toBeGreaterThan(3);
      for (let at = 0; at < statements; at += 1) {
        await expect(
          attempt({ beforeBatch: async (all) => broken(d1, all, at) }),
          `statement ${at}`,
        ).rejects.toThrow("malformed JSON");
        expect(await dumpOf(d1), `statement ${at}`).toEqual(before);
      }
      await attempt({});
      expect(await dumpOf(d1)).toEqual(after);
      close();
    });

    test("succeeds although any one statement fails once", async () => {
      const { after, statements } = await undisturbed(operation);
      for (let at = 0; at < statements; at += 1) {
        const { d1, close, attempt } = await stageOf(operation);
        await attempt({
          beforeBatch: async (all, count) => (count === 1 ? broken(d1, all, at) : undefined),
        });
        expect(await dumpOf(d1), `statement ${at}`).toEqual(after);
        close();
      }
    });

    test.each([
      ["the connection breaks", new Error("fetch failed"), "throws"],
      ["D1 is reset", new Error("D1_ERROR: internal error; reference = x"), "retries"],
      [
        "the outcome is unknown",
        new OpsError("OUTCOME_UNKNOWN", { status: 502, reason: "x" }, { message: "x", hint: "x" }),
        "throws",
      ],
    ])("is idempotent if %s after the batch was carried out", async (_why, error, then) => {
      const { after } = await undisturbed(operation);
      const { d1, close, clock, attempt } = await stageOf(operation);
      const lost = attempt({
        afterBatch(count) {
          if (count === 1) throw error;
        },
      });
      if (then === "throws") await expect(lost).rejects.toThrow(error);
      else await lost;
      expect(await dumpOf(d1)).toEqual(after);
      clock.pass(3600);
      await attempt({});
      expect(await dumpOf(d1)).toEqual(after);
      close();
    });

    test("changes nothing if it is repeated", async () => {
      const { d1, close, clock, attempt } = await stageOf(operation);
      await attempt({});
      const once = await dumpOf(d1);
      clock.pass(60);
      await attempt({});
      expect(await dumpOf(d1)).toEqual(once);
      close();
    });
  },
);

test("repeating an earlier step after each later one changes nothing", async () => {
  const { d1, close } = await emptyMemory();
  const clock = clockAt();
  const steps = operations.filter(({ name }) =>
    ["start", "business", "agents", "assistant", "knowledge"].includes(name),
  );
  for (const [i, operation] of steps.entries()) {
    await operation.run(portsOver(d1, clock, i));
    const before = await dumpOf(d1);
    for (const earlier of steps.slice(0, i + 1)) {
      clock.pass(60);
      await earlier.run(portsOver(d1, clock, 9));
      expect(await dumpOf(d1), `${earlier.name} after ${operation.name}`).toEqual(before);
    }
  }
  close();
});
