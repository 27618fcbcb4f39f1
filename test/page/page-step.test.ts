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

const at = (current_step: number): SessionProgress => ({ status: "in_progress", current_step });
const completed: SessionProgress = { status: "completed", current_step: DONE.complete };

describe("stepOf", () => {
  test.each<[string, SessionProgress, PageStep]>([
    ["after the start", at(DONE.start), "business"],
    ["after the company", at(DONE.business), "agents"],
    ["after the team", at(DONE.agents), "assistant"],
    ["after the assistant", at(DONE.assistant), "knowledge"],
    ["after the knowledge", at(DONE.knowledge), "complete"],
    ["after completion", completed, "done"],
    ["for an unknown progress number", at(2), "business"],
  ])("returns the first step that is not complete: %s", (_, progress, step) => {
    expect(stepOf(progress)).toBe(step);
  });
});

describe("mayShow and stepIn", () => {
  test("allow complete steps and the next one, but no later step", () => {
    const progress = at(DONE.agents);
    expect(SHOWN.filter((step) => mayShow(progress, step))).toEqual([
      "business",
      "agents",
      "assistant",
    ]);
    expect(mayShow(progress, "done")).toBe(false);
  });

  test("allow only the last view of a completed session", () => {
    expect([...SHOWN, "done" as const].filter((step) => mayShow(completed, step))).toEqual([
      "done",
    ]);
  });

  test("return the step of the address if it may be shown, otherwise the next one", () => {
    expect(stepIn("#business", at(DONE.assistant))).toBe("business");
    expect(stepIn("#complete", at(DONE.business))).toBe("agents");
    expect(stepIn("#nowhere", at(DONE.business))).toBe("agents");
    expect(stepIn("", completed)).toBe("done");
    expect(stepIn("#business", completed)).toBe("done");
  });
});

test("after() returns the step after a saved one, also if later steps are complete", () => {
  expect(after(at(DONE.knowledge), "business")).toBe("agents");
  expect(after(at(DONE.business), "business")).toBe("agents");
  expect(after(completed, "complete")).toBe("done");
});

test("before() returns the previous step", () => {
  expect(SHOWN.map(before)).toEqual([null, ...SHOWN.slice(0, -1)]);
});

test("firstMissing returns the first of the missing steps and ignores the start", () => {
  expect(firstMissing(["assistant", "agents"])).toBe("agents");
  expect(firstMissing(["start", "business"])).toBe("business");
  expect(firstMissing([])).toBe(null);
});

test("the page has a view for every step of the library except the start", () => {
  expect(["start", ...SHOWN]).toEqual([...STEPS]);
});

test("the page shows only steps that may be shown, for every progress of a session", () => {
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
