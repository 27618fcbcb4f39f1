import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    pool: "forks",
    // More than the two cores of the CI machine, because the slow tests mostly wait for wrangler.
    maxWorkers: 5,
    // Ends a test that hangs. It is long because a machine may be ten times slower, and busy.
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
          // Files share the modules that their process has loaded. To load them for each file took a third of the project's time.
          isolate: false,
          include: ["test/**/*.test.ts"],
          exclude: ["test/**/*.{slow,long,browser,s3}.test.ts"],
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
          name: "s3",
          include: ["test/**/*.s3.test.ts"],
          globalSetup: ["test/build.ts", "test/s3/setup.ts"],
        },
      },
      {
        extends: true,
        test: {
          name: "browser",
          include: ["test/**/*.browser.test.ts"],
          globalSetup: ["test/build.ts", "test/browser/setup.ts"],
          // The tests share one database.
          fileParallelism: false,
        },
      },
    ],
  },
});
