import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OpsError } from "../../src/report/error.ts";
import { errorJson, errorText } from "../../src/report/error-text.ts";
import { plain } from "../../src/report/text-style.ts";
import { anyText } from "./any-report.ts";

const options = { paint: plain, width: 100, unicode: true };
const unknown = new OpsError(
  "ENVIRONMENT_UNKNOWN",
  { name: "prod", known: ["dev", "staging"] },
  {
    message: "wrangler.jsonc has no environment prod.",
    hint: "d1ops migrate status --env staging",
  },
);

it("errorText shows the message, the details and the hint, in that order", () => {
  expect(errorText(unknown, options)).toBe(
    "error ENVIRONMENT_UNKNOWN: wrangler.jsonc has no environment prod.\n" +
      "  name: prod; known: dev, staging\n" +
      "  d1ops migrate status --env staging\n",
  );
});

it("errorJson is one line with four keys in order", () => {
  expect(errorJson(unknown)).toBe(
    '{"error":{"code":"ENVIRONMENT_UNKNOWN","message":"wrangler.jsonc has no environment prod.",' +
      '"hint":"d1ops migrate status --env staging","details":{"name":"prod","known":["dev","staging"]}}}\n',
  );
});

describe("the details in errorText", () => {
  it("omit unknown values, show empty lists as none, and show times with units", () => {
    const config = new OpsError(
      "CONFIG_INVALID",
      { path: "a.jsonc", line: 3, column: null, problem: "no name" },
      { message: "m", hint: "h" },
    );
    expect(errorText(config, options)).toBe(
      "error CONFIG_INVALID: m\n  path: a.jsonc; line: 3; problem: no name\n  h\n",
    );
    const busy = new OpsError(
      "DATABASE_BUSY",
      { path: "x", waitedMs: 5000, holders: [] },
      { message: "m", hint: "h" },
    );
    expect(errorText(busy, options)).toContain("  path: x; waited: 5.0 s; holders: none\n");
    const searched = new OpsError(
      "CONFIG_NOT_FOUND",
      { searchedFrom: "/a" },
      { message: "m", hint: "h" },
    );
    expect(errorText(searched, options)).toContain("  searched from: /a\n");
  });

  it("omit a list of objects, because the message describes them", () => {
    const invalid = new OpsError(
      "OPTION_INVALID",
      { caller: "status", options: [{ option: "place", problem: "is missing", nearest: null }] },
      { message: "m", hint: "h" },
    );
    expect(errorText(invalid, options)).toBe("error OPTION_INVALID: m\n  caller: status\n  h\n");
    expect(errorJson(invalid)).toContain('"option":"place"');
  });

  it("shorten long SQL, while errorJson has all of it", () => {
    const sql = `SELECT\n\t${"x, ".repeat(400)}y`;
    const failed = new OpsError(
      "SQL_FAILED",
      { sql, reason: "no such column" },
      { message: "m", hint: "h" },
    );
    expect(errorText(failed, { ...options, width: Number.POSITIVE_INFINITY })).toMatch(
      / {2}sql: SELECT x.{190,200}…; reason: no such column\n/,
    );
    expect(
      errorText(failed, { ...options, unicode: false, width: Number.POSITIVE_INFINITY }),
    ).toContain("...; reason");
    expect(JSON.parse(errorJson(failed)).error.details.sql).toBe(sql);
  });
});

it("errorText shows stacks, also those of the causes, only with debug", () => {
  const cause = new Error("the first");
  const error = new OpsError("INTERNAL", { reason: "r" }, { message: "m", hint: "h" }, { cause });
  expect(errorText(error, options)).not.toContain("error-text.test");
  const debug = errorText(error, { ...options, debug: true });
  expect(debug).toContain("error-text.test");
  expect(debug).toContain("caused by Error: the first");
});

it("errorText and errorJson escape control characters in every text", () => {
  fc.assert(
    fc.property(anyText, anyText, anyText, (message, hint, reason) => {
      const error = new OpsError("INTERNAL", { reason }, { message, hint });
      const text = errorText(error, { ...options, debug: true });
      expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u2029\u202A-\u202E]/u);
      const json = errorJson(error);
      expect(json.trimEnd()).not.toMatch(/\p{Cc}/u);
      expect(JSON.parse(json)).toEqual({
        error: { code: "INTERNAL", message, hint, details: { reason } },
      });
    }),
  );
});
