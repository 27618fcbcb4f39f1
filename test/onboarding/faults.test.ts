import { describe, expect, test } from "vitest";
import type { D1Database, D1PreparedStatement } from "../../src/database/port.ts";
import { OpsError } from "../../src/report/error.ts";
import { type Deed, deeds, prepareFor } from "./acts.ts";
import { between, type Between } from "./between.ts";
import { type Clock, clockAt, emptyMemory, type Opened, portsOver } from "./ground.ts";
import { type Line, pictureOf } from "./picture.ts";

/** Never a half state: whichever statement of a step fails, and whenever its answer is lost. */

interface Stage extends Opened {
  readonly clock: Clock;
  readonly before: readonly Line[];
  /** Carries the deed out on a database that something happens to. */
  attempt(what: Between): Promise<unknown>;
}

async function stageOf(deed: Deed): Promise<Stage> {
  const { d1, close } = await emptyMemory();
  const clock = clockAt();
  await prepareFor(d1, deed, clock);
  return {
    d1,
    close,
    clock,
    before: await pictureOf(d1),
    attempt: (what) => deed.executePlan(portsOver(between(d1, what), clock, 9)),
  };
}

/** How the deed leaves a database that nothing happens to, and how many statements it takes. */
async function undisturbed(
  deed: Deed,
): Promise<{ readonly after: readonly Line[]; readonly statements: number }> {
  const { d1, close, attempt } = await stageOf(deed);
  let statements = 0;
  await attempt({
    batch: async (all) => {
      statements = all.length;
      return undefined;
    },
  });
  const after = await pictureOf(d1);
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

describe.each(deeds.map((deed) => [deed.name, deed] as const))("%s", (_, deed) => {
  test("whichever statement fails, nothing of it stands, and then it can be done", async () => {
    const { after, statements } = await undisturbed(deed);
    const { d1, close, before, attempt } = await stageOf(deed);
    expect(statements).toBeGreaterThan(3);
    for (let at = 0; at < statements; at += 1) {
      await expect(
        attempt({ batch: async (all) => broken(d1, all, at) }),
        `statement ${at}`,
      ).rejects.toThrow("malformed JSON");
      expect(await pictureOf(d1), `statement ${at}`).toEqual(before);
    }
    await attempt({});
    expect(await pictureOf(d1)).toEqual(after);
    close();
  });

  test("whichever statement fails once, it is done all the same", async () => {
    const { after, statements } = await undisturbed(deed);
    for (let at = 0; at < statements; at += 1) {
      const { d1, close, attempt } = await stageOf(deed);
      await attempt({
        batch: async (all, count) => (count === 1 ? broken(d1, all, at) : undefined),
      });
      expect(await pictureOf(d1), `statement ${at}`).toEqual(after);
      close();
    }
  });

  test.each([
    ["the connection is gone", new Error("fetch failed"), "told"],
    ["D1 was reset", new Error("D1_ERROR: internal error; reference = x"), "done"],
    [
      "it is not known what became of it",
      new OpsError("OUTCOME_UNKNOWN", { status: 502, reason: "x" }, { message: "x", hint: "x" }),
      "told",
    ],
  ])("where it stands and %s, doing it again changes nothing", async (_why, error, then) => {
    const { after } = await undisturbed(deed);
    const { d1, close, clock, attempt } = await stageOf(deed);
    const lost = attempt({
      answered(count) {
        if (count === 1) throw error;
      },
    });
    if (then === "told") await expect(lost).rejects.toThrow(error);
    else await lost;
    expect(await pictureOf(d1)).toEqual(after);
    clock.pass(3600);
    await attempt({});
    expect(await pictureOf(d1)).toEqual(after);
    close();
  });

  test("done again, at once and after all that follows, leaves the database as it was", async () => {
    const { d1, close, clock, attempt } = await stageOf(deed);
    await attempt({});
    const once = await pictureOf(d1);
    clock.pass(60);
    await attempt({});
    expect(await pictureOf(d1)).toEqual(once);
    close();
  });
});

test("each step that is done again after the ones that follow changes nothing", async () => {
  const { d1, close } = await emptyMemory();
  const clock = clockAt();
  const steps = deeds.filter(({ name }) =>
    ["start", "business", "agents", "assistant", "knowledge"].includes(name),
  );
  for (const [i, deed] of steps.entries()) {
    await deed.executePlan(portsOver(d1, clock, i));
    const before = await pictureOf(d1);
    for (const earlier of steps.slice(0, i + 1)) {
      clock.pass(60);
      await earlier.executePlan(portsOver(d1, clock, 9));
      expect(await pictureOf(d1), `${earlier.name} after ${deed.name}`).toEqual(before);
    }
  }
  close();
});
