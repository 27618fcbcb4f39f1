/** Runs before each test file, so that the suggested commands of every verb that a test runs are checked. */
import { afterEach, vi } from "vitest";
import type * as Original from "../../src/project/project.ts";

vi.mock("../../src/project/project.ts", async (importOriginal) => {
  const original = await importOriginal<typeof Original>();
  const withProject: typeof original.withProject = async (verb, options, ...rest) => {
    const { watched } = await import("./watch.ts");
    return watched({ verb, options }, async () => original.withProject(verb, options, ...rest));
  };
  const withDatabases: typeof original.withDatabases = async (verb, options, ...rest) => {
    const { watched } = await import("./watch.ts");
    return watched({ verb, options }, async () => original.withDatabases(verb, options, ...rest));
  };
  return { ...original, withProject, withDatabases };
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
