import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { EXIT_CODES, exitCodeOf } from "../../src/cli/exit.ts";
import { AnyOpsError } from "../../src/report/error-class.ts";
import { ROOT } from "../project.ts";

const codes = Object.keys(EXIT_CODES);

/** The rows of the first table of `docs/errors.md`: code and exit code. */
const documented = new Map(
  [
    ...readFileSync(join(ROOT, "docs/errors.md"), "utf8").matchAll(
      /^\| `([A-Z_0-9]+)` \| (\d+) \|/gm,
    ),
  ].map(([, code = "", exit = ""]) => [code, Number(exit)]),
);

/** The exit code depends on the code alone. */
function anError(code: string): AnyOpsError {
  return new AnyOpsError(code, {}, { message: "It failed.", hint: "Try again." });
}

describe("the exit code of every error", () => {
  test("is in docs/errors.md, which has as many rows as there are errors", () => {
    expect(codes.length).toBeGreaterThan(50);
    expect([...documented.keys()].sort()).toEqual(codes.toSorted());
  });

  test.each(codes)("is the one that docs/errors.md promises: %s", (code) => {
    expect(exitCodeOf(anError(code))).toBe(documented.get(code));
  });

  test("is 70 for a code that no room has registered, because that is a bug", () => {
    expect(exitCodeOf(anError("UNREGISTERED"))).toBe(70);
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 130],
    ["SIGHUP", 129],
  ])("follows the signal that ends a prompt: %s exits with %i", (signal, exit) => {
    const words = { message: "Interrupted.", hint: "Run it again." };
    expect(exitCodeOf(new AnyOpsError("INTERRUPTED", { signal }, words))).toBe(exit);
  });
});
