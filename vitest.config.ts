import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    pool: "forks",
    // More than the two cores of the machine that CI has: the slow tests wait most of their time, for wrangler above all.
    maxWorkers: 5,
    // Against a test that hangs, not a measure of the machine: it may be ten times slower, and busy.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    globalSetup: ["test/build.ts"],
    setupFiles: ["test/suggestions/setup.ts"],
    reporters: ["default", "./test/summary.ts"],
    projects: [
      {
        extends: true,
        test: {
          name: "fast",
          // Files share the modules that their process has loaded. Loading them anew for each file was a third of the project's time.
          isolate: false,
          include: ["test/**/*.test.ts"],
          exclude: ["test/**/*.{slow,long,browser}.test.ts"],
        },
      },
      {
        extends: true,
        test: { name: "slow", isolate: false, include: ["test/**/*.slow.test.ts"] },
      },
      { extends: true, test: { name: "long", include: ["test/**/*.long.test.ts"] } },
      {
        extends: true,
        test: {
          name: "browser",
          include: ["test/**/*.browser.test.ts"],
          globalSetup: ["test/build.ts", "test/browser/setup.ts"],
          // One of them holds the database.
          fileParallelism: false,
        },
      },
    ],
  },
});
