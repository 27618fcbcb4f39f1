import type { Reporter, TestModule, TestRunEndReason } from "vitest/node";

/** Ends a run with one plain line, `N passed, N failed`, which scripts and CI can read. */
export default class Summary implements Reporter {
  onTestRunEnd(
    modules: readonly TestModule[],
    errors: readonly unknown[],
    _reason: TestRunEndReason,
  ): void {
    const count = { passed: 0, failed: errors.length };
    for (const module of modules) {
      if (module.errors().length > 0) count.failed += 1;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "passed") count.passed += 1;
        if (state === "failed") count.failed += 1;
      }
    }
    process.stdout.write(`\n${count.passed} passed, ${count.failed} failed\n`);
  }
}
