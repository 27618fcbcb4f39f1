/** Runs before each file of tests: whatever verb a test runs, the commands that it suggests are tried. */
import { afterEach, vi } from "vitest";
import type * as Original from "../../src/project/run-verb.ts";

vi.mock("../../src/project/run-verb.ts", async (importOriginal) => {
  const original = await importOriginal<typeof Original>();
  const runVerb: typeof original.runVerb = async (verb, options, run) => {
    const { watched } = await import("./watch.ts");
    return watched({ verb, options }, async () => original.runVerb(verb, options, run));
  };
  return { ...original, runVerb };
});

afterEach(async () => {
  const { takeFaults } = await import("./watch.ts");
  const faults = takeFaults();
  if (faults.length > 0) {
    throw new Error(
      `d1ops suggested what fails when it is pasted:\n${[...new Set(faults)].join("\n")}`,
    );
  }
});
