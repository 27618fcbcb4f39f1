import type { TestProject } from "vitest/node";
import { isSwiftInstalled, startSwift, SWIFT_PACKAGES, type Swift } from "./swift.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Null: it is not installed, and the tests are skipped. */
    readonly swift: Swift | null;
  }
}

/** Starts one storage for all files. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (!isSwiftInstalled()) {
    process.stdout.write(
      `\nThe tests of S3 are skipped: OpenStack Swift is not installed. apt-get install ${SWIFT_PACKAGES}\n`,
    );
    project.provide("swift", null);
    return async () => {};
  }
  const { endpoint, stop } = await startSwift();
  project.provide("swift", { endpoint });
  return stop;
}
