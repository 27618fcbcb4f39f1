import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sarifReport } from "../../src/report/sarif.ts";
import { anyReport } from "./any-report.ts";
import { report, samples } from "./samples.ts";

interface Region {
  startLine: number;
}
interface Result {
  ruleId: string;
  ruleIndex: number;
  level: string;
  message: { text: string };
  locations: { physicalLocation?: { artifactLocation: { uri: string }; region?: Region } }[];
}
interface Run {
  tool: {
    driver: {
      name: string;
      version?: string;
      rules: { id: string; shortDescription: { text: string } }[];
    };
  };
  invocations: {
    executionSuccessful: boolean;
    exitCode: number;
    startTimeUtc?: string;
    toolExecutionNotifications: { level: string; message: { text: string } }[];
  }[];
  results: Result[];
}

function run(text: string): Run {
  const log: { version: string; runs: Run[] } = JSON.parse(text);
  expect(log.version).toBe("2.1.0");
  const [only, ...others] = log.runs;
  if (only === undefined || others.length > 0) throw new Error("not exactly one run");
  return only;
}

it("sarifReport of any report has the shape of SARIF 2.1.0", () => {
  fc.assert(
    fc.property(anyReport, (any) => {
      const { tool, invocations, results } = run(sarifReport(any));
      const { rules } = tool.driver;
      expect(new Set(rules.map((rule) => rule.id)).size).toBe(rules.length);
      expect(invocations[0]?.exitCode).toBe(any.exitCode);
      expect(results.length).toBeGreaterThanOrEqual(any.findings.length);
      for (const result of results) {
        expect(rules[result.ruleIndex]?.id).toBe(result.ruleId);
        expect(["error", "warning", "note"]).toContain(result.level);
        expect(typeof result.message.text).toBe("string");
        for (const { physicalLocation } of result.locations) {
          if (physicalLocation === undefined) continue;
          expect(physicalLocation.artifactLocation.uri).toMatch(
            /^(?:[\w.!~*'()/-]|%[0-9A-F]{2})*$/,
          );
          expect(physicalLocation.region?.startLine ?? 1).toBeGreaterThanOrEqual(1);
        }
      }
    }),
    { numRuns: 300 },
  );
});

describe("sarifReport of a failed run", () => {
  const { tool, invocations, results } = run(
    sarifReport(samples["failed"] ?? report(), { prefix: "apps/api" }),
  );

  it("names the tool once, and each rule once", () => {
    expect(tool.driver).toMatchObject({ name: "d1ops", version: "0.1.0" });
    expect(tool.driver.rules.map((rule) => rule.id)).toEqual([
      "cascade-delete",
      "no-index",
      "note",
    ]);
    expect(tool.driver.rules[0]?.shortDescription.text).toBe("cascade delete");
  });

  it("gives the file and line of a finding", () => {
    expect(results[0]?.locations[0]?.physicalLocation).toEqual({
      artifactLocation: { uri: "apps/api/migrations/0008_drop_users.sql" },
      region: { startLine: 12 },
    });
    expect(results[1]?.locations).toEqual([
      { logicalLocations: [{ name: "sessions", kind: "table" }] },
    ]);
  });

  it("says that the run failed, and why", () => {
    expect(invocations[0]).toMatchObject({
      executionSuccessful: false,
      exitCode: 3,
      startTimeUtc: "2026-11-22T15:00:00.000Z",
    });
    expect(invocations[0]?.toolExecutionNotifications[0]?.message.text).toContain(
      "0008_drop_users.sql failed",
    );
  });
});

it("sarifReport has failed checks as results, and checks that did not run as notifications", () => {
  const { invocations, results } = run(sarifReport(samples["drift"] ?? report()));
  expect(results.map(({ ruleId, level }) => [ruleId, level])).toEqual([
    ["tables.present", "error"],
    ["triggers.present", "warning"],
  ]);
  expect(invocations[0]?.toolExecutionNotifications.map(({ message }) => message.text)).toEqual([
    "bytes was not checked",
  ]);
  expect(invocations[0]?.executionSuccessful).toBe(true);
});
