import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DONE, STEPS } from "../../src/onboarding/steps.ts";
import {
  after,
  before,
  firstMissing,
  mayShow,
  type PageStep,
  SHOWN,
  type SessionProgress,
  stepIn,
  stepOf,
} from "../../src/page/page-step.ts";

const going = (current_step: number): SessionProgress => ({ status: "in_progress", current_step });
const over: SessionProgress = { status: "completed", current_step: DONE.complete };

describe("the step that is shown", () => {
  test.each<[string, SessionProgress, PageStep]>([
    ["a session that has only begun", going(DONE.start), "business"],
    ["once the company is said", going(DONE.business), "agents"],
    ["once the team is there", going(DONE.agents), "assistant"],
    ["once the assistant is named", going(DONE.assistant), "knowledge"],
    ["once the knowledge is there", going(DONE.knowledge), "complete"],
    ["a session that is over", over, "done"],
    ["one of a number that is no step of ours", going(2), "business"],
  ])("%s", (_, progress, step) => {
    expect(stepOf(progress)).toBe(step);
  });
});

describe("gone to can be", () => {
  test("what is done, and what comes next, but nothing over it", () => {
    const progress = going(DONE.agents);
    expect(SHOWN.filter((step) => mayShow(progress, step))).toEqual([
      "business",
      "agents",
      "assistant",
    ]);
    expect(mayShow(progress, "done")).toBe(false);
  });

  test("of a session that is over only its end", () => {
    expect([...SHOWN, "done" as const].filter((step) => mayShow(over, step))).toEqual(["done"]);
  });

  test("in an address, a step that may be shown; else it is the next", () => {
    expect(stepIn("#business", going(DONE.assistant))).toBe("business");
    expect(stepIn("#complete", going(DONE.business))).toBe("agents");
    expect(stepIn("#nowhere", going(DONE.business))).toBe("agents");
    expect(stepIn("", over)).toBe("done");
    expect(stepIn("#business", over)).toBe("done");
  });
});

test("a step that is saved leads to the one after it, also when later ones are done", () => {
  expect(after(going(DONE.knowledge), "business")).toBe("agents");
  expect(after(going(DONE.business), "business")).toBe("agents");
  expect(after(over, "complete")).toBe("done");
});

test("back leads to the one before it", () => {
  expect(SHOWN.map(before)).toEqual([null, ...SHOWN.slice(0, -1)]);
});

test("of what is missing the first is gone to; start is no step that is shown", () => {
  expect(firstMissing(["assistant", "agents"])).toBe("agents");
  expect(firstMissing(["start", "business"])).toBe("business");
  expect(firstMissing([])).toBe(null);
});

test("every step of the library but the start is shown", () => {
  expect(["start", ...SHOWN]).toEqual([...STEPS]);
});

test("wherever a session stands, what is shown may be shown", () => {
  const progresses = fc.record({
    status: fc.constantFrom("in_progress" as const, "completed" as const),
    current_step: fc.integer({ min: DONE.start, max: 8 }),
  });
  fc.assert(
    fc.property(progresses, fc.string(), fc.constantFrom(...SHOWN), (progress, text, step) => {
      expect(mayShow(progress, stepOf(progress))).toBe(true);
      expect(mayShow(progress, stepIn(text, progress))).toBe(true);
      expect(mayShow(progress, after(progress, step))).toBe(true);
    }),
  );
});
