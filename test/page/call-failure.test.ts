import { describe, expect, test } from "vitest";
import {
  conflict,
  invalidInput,
  outOfOrder,
  sessionNotFound,
} from "../../src/onboarding/step-errors.ts";
import { reactionTo, noticeFor, problemsIn } from "../../src/page/failure-text.ts";
import { type Failure, failureOf } from "../../src/page/call-failure.ts";
import { WORDS } from "../../src/page/words/choose.ts";
import { toProblem, ProblemError } from "../../src/worker/problem-details.ts";

/** As the Worker would say it. */
function told(error: Error): Failure {
  const { status, headers, body } = toProblem(error, "request-1");
  return failureOf(status, new Headers(headers), JSON.parse(JSON.stringify(body)));
}

describe("what the Worker refuses is read as", () => {
  test.each<[string, Error, Failure]>([
    [
      "problems of fields",
      invalidInput([{ path: "phone", code: "phone-too-short", message: "is not a phone number" }]),
      { kind: "invalid", problems: [{ path: "phone", code: "phone-too-short" }] },
    ],
    ["a conflict", conflict("number-taken"), { kind: "conflict", reason: "number-taken" }],
    [
      "steps that come first",
      outOfOrder("assistant", ["business", "agents"]),
      { kind: "out-of-order", missing: ["business", "agents"] },
    ],
    ["a session that is gone", sessionNotFound("onb_1"), { kind: "gone" }],
    [
      "credentials that open nothing",
      new ProblemError("UNAUTHENTICATED", "no"),
      { kind: "refused", why: "credentials" },
    ],
    [
      "credentials of another tenant",
      new ProblemError("TENANT_NOT_ALLOWED", "no"),
      { kind: "refused", why: "credentials" },
    ],
    [
      "names that are missing",
      new ProblemError("CLAIM_MISSING", "no"),
      { kind: "refused", why: "claims" },
    ],
    [
      "too many at once",
      new ProblemError("TOO_MANY_REQUESTS", "no", { "retry-after": "60" }),
      { kind: "busy", seconds: 60 },
    ],
    [
      "too much at once",
      new ProblemError("BODY_TOO_LARGE", "no"),
      { kind: "invalid", problems: [{ path: "", code: "too-large" }] },
    ],
    ["a fault of its own", new Error("secret"), { kind: "broken", reference: "request-1" }],
    [
      "a route that is not there",
      new ProblemError("ROUTE_UNKNOWN", "no"),
      { kind: "broken", reference: "request-1" },
    ],
  ])("%s", (_, error, failure) => {
    expect(told(error)).toEqual(failure);
  });
});

test("what is no JSON, or not what it should be, is a fault", () => {
  const headers = new Headers({ "x-request-id": "request-2" });
  expect(failureOf(502, headers, undefined)).toEqual({ kind: "broken", reference: "request-2" });
  expect(failureOf(500, new Headers(), [null])).toEqual({ kind: "broken", reference: null });
  expect(failureOf(422, new Headers(), { code: "ONBOARDING_INVALID", problems: "no" })).toEqual({
    kind: "invalid",
    problems: [],
  });
});

test.each(["a date that is none", "-1", "0", ""])(
  "how long to wait may not be said: %s",
  (said) => {
    const headers = new Headers({ "retry-after": said });
    expect(failureOf(429, headers, {})).toEqual({ kind: "busy", seconds: 10 });
  },
);

describe("at which field it is told", () => {
  test.each<[Failure, ReturnType<typeof problemsIn>]>([
    [{ kind: "conflict", reason: "number-taken" }, [{ path: "phone", code: "number-taken" }]],
    [{ kind: "conflict", reason: "email-taken" }, [{ path: "email", code: "email-taken" }]],
    [{ kind: "conflict", reason: "session-completed" }, []],
    [{ kind: "gone" }, []],
    [
      { kind: "invalid", problems: [{ path: "phone", code: "phone-too-short" }] },
      [{ path: "phone", code: "phone-too-short" }],
    ],
  ])("%j", (failure, problems) => {
    expect(problemsIn(failure)).toEqual(problems);
  });
});

test("a fault is told with its reference", () => {
  const { text, more } = noticeFor(WORDS.en, { kind: "broken", reference: "request-1" });
  expect(text).toBe(WORDS.en.failures.broken);
  expect(more).toContain("request-1");
});

describe("what follows from it", () => {
  test.each<[Failure, ReturnType<typeof reactionTo>]>([
    [{ kind: "refused", why: "credentials" }, "sign-in"],
    [{ kind: "gone" }, "reload"],
    [{ kind: "out-of-order", missing: ["agents"] }, "reload"],
    [{ kind: "conflict", reason: "session-completed" }, "reload"],
    [{ kind: "conflict", reason: "session-abandoned" }, "reload"],
    [{ kind: "conflict", reason: "number-taken" }, "show"],
    [{ kind: "unreached", why: "offline" }, "show"],
    [{ kind: "broken", reference: null }, "show"],
    [{ kind: "busy", seconds: 60 }, "show"],
    [{ kind: "invalid", problems: [] }, "show"],
  ])("%j", (failure, consequence) => {
    expect(reactionTo(failure)).toBe(consequence);
  });
});
