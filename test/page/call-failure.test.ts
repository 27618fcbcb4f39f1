import { describe, expect, test } from "vitest";
import {
  conflict,
  invalidInput,
  outOfOrder,
  sessionNotFound,
} from "../../src/onboarding/errors.ts";
import { reactionTo, noticeFor, problemsIn } from "../../src/page/failure-text.ts";
import { type Failure, failureOf } from "../../src/page/call-failure.ts";
import { WORDS } from "../../src/page/words/words.ts";
import { toProblem, ProblemError } from "../../src/worker/problem-details.ts";

/** Reads the error as the Worker answers it. */
function failureFor(error: Error): Failure {
  const { status, headers, body } = toProblem(error, "request-1");
  return failureOf(status, new Headers(headers), JSON.parse(JSON.stringify(body)));
}

describe("reads the Worker's answer as", () => {
  test.each<[string, Error, Failure]>([
    [
      "problems of fields",
      invalidInput([{ path: "phone", code: "phone-too-short", message: "is not a phone number" }]),
      { kind: "invalid", problems: [{ path: "phone", code: "phone-too-short" }] },
    ],
    ["a conflict", conflict("number-taken"), { kind: "conflict", reason: "number-taken" }],
    [
      "steps that must be done first",
      outOfOrder("assistant", ["business", "agents"]),
      { kind: "out-of-order", missing: ["business", "agents"] },
    ],
    ["a session that no longer exists", sessionNotFound("onb_1"), { kind: "gone" }],
    [
      "credentials that the Worker does not accept",
      new ProblemError("UNAUTHENTICATED", "no"),
      { kind: "refused", why: "credentials" },
    ],
    [
      "credentials that do not allow the tenant",
      new ProblemError("TENANT_NOT_ALLOWED", "no"),
      { kind: "refused", why: "credentials" },
    ],
    [
      "a missing tenant or user",
      new ProblemError("CLAIM_MISSING", "no"),
      { kind: "refused", why: "claims" },
    ],
    [
      "too many requests",
      new ProblemError("TOO_MANY_REQUESTS", "no", { "retry-after": "60" }),
      { kind: "busy", seconds: 60 },
    ],
    [
      "a body that is too large",
      new ProblemError("BODY_TOO_LARGE", "no"),
      { kind: "invalid", problems: [{ path: "", code: "too-large" }] },
    ],
    [
      "an error of the Worker, with its reference",
      new Error("secret"),
      { kind: "broken", reference: "request-1" },
    ],
    [
      "a route that does not exist",
      new ProblemError("ROUTE_UNKNOWN", "no"),
      { kind: "broken", reference: "request-1" },
    ],
  ])("%s", (_, error, failure) => {
    expect(failureFor(error)).toEqual(failure);
  });
});

test("an answer that is not JSON, or not of the expected shape, is an error of the Worker", () => {
  const headers = new Headers({ "x-request-id": "request-2" });
  expect(failureOf(502, headers, undefined)).toEqual({ kind: "broken", reference: "request-2" });
  expect(failureOf(500, new Headers(), [null])).toEqual({ kind: "broken", reference: null });
  expect(failureOf(422, new Headers(), { code: "ONBOARDING_INVALID", problems: "no" })).toEqual({
    kind: "invalid",
    problems: [],
  });
});

test.each(["an invalid date", "-1", "0", ""])(
  "waits ten seconds if Retry-After is invalid: '%s'",
  (said) => {
    const headers = new Headers({ "retry-after": said });
    expect(failureOf(429, headers, {})).toEqual({ kind: "busy", seconds: 10 });
  },
);

describe("problemsIn", () => {
  test.each<[Failure, ReturnType<typeof problemsIn>]>([
    [{ kind: "conflict", reason: "number-taken" }, [{ path: "phone", code: "number-taken" }]],
    [{ kind: "conflict", reason: "email-taken" }, [{ path: "email", code: "email-taken" }]],
    [{ kind: "conflict", reason: "session-completed" }, []],
    [{ kind: "gone" }, []],
    [
      { kind: "invalid", problems: [{ path: "phone", code: "phone-too-short" }] },
      [{ path: "phone", code: "phone-too-short" }],
    ],
  ])("returns the fields at which the page shows the failure: %j", (failure, problems) => {
    expect(problemsIn(failure)).toEqual(problems);
  });
});

test("noticeFor contains the reference of an error of the Worker", () => {
  const { text, more } = noticeFor(WORDS.en, { kind: "broken", reference: "request-1" });
  expect(text).toBe(WORDS.en.failures.broken);
  expect(more).toContain("request-1");
});

describe("reactionTo", () => {
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
  ])(
    "chooses between a message, the form for credentials and a reload: %j",
    (failure, consequence) => {
      expect(reactionTo(failure)).toBe(consequence);
    },
  );
});
