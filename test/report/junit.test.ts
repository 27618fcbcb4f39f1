import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { junitReport } from "../../src/report/junit.ts";
import { anyReport } from "./any-report.ts";
import { report, samples } from "./samples.ts";
import { all, parseXml, type Element } from "./xml.ts";

const allowed: Record<string, string[]> = {
  testsuites: ["testsuite"],
  testsuite: ["properties", "testcase", "system-out"],
  properties: ["property"],
  testcase: ["skipped", "failure", "system-out"],
};

function cases(root: Element): Record<string, string> {
  return Object.fromEntries(
    all(root, "testcase").map((one) => [
      one.attributes["name"] ?? "",
      one.children[0]?.name ?? "passed",
    ]),
  );
}

it("junitReport of any report is well-formed, and its counts are right", () => {
  fc.assert(
    fc.property(anyReport, (any) => {
      const root = parseXml(junitReport(any));
      expect(root.name).toBe("testsuites");
      const check = (element: Element): void => {
        for (const child of element.children) {
          expect(allowed[element.name]).toContain(child.name);
          check(child);
        }
      };
      check(root);
      for (const counted of [root, ...all(root, "testsuite")]) {
        expect(counted.attributes["tests"]).toBe(String(all(counted, "testcase").length));
        expect(counted.attributes["failures"]).toBe(String(all(counted, "failure").length));
      }
      const failures = all(root, "failure").length;
      if (any.outcome !== "ok" && any.outcome !== "changed") expect(failures).toBeGreaterThan(0);
      expect(all(root, "testcase").length).toBeGreaterThan(0);
    }),
    { numRuns: 300 },
  );
});

describe("the test cases of junitReport", () => {
  it("pass for done steps, fail for failed ones and skip the others", () => {
    expect(cases(parseXml(junitReport(samples["partial"] ?? report())))).toEqual({
      phones: "passed",
      emails: "failure",
      names: "skipped",
    });
  });

  it("skip a check that did not run", () => {
    expect(cases(parseXml(junitReport(samples["drift"] ?? report())))).toEqual({
      "tables.present": "failure",
      "triggers.present": "system-out",
      "indexes.present": "passed",
      bytes: "skipped",
    });
  });

  it("fail for findings of level error, and print the other findings", () => {
    const root = parseXml(junitReport(samples["failed"] ?? report()));
    const finding = all(root, "testcase").find(
      ({ attributes }) => attributes["file"] !== undefined,
    );
    expect(finding?.attributes).toMatchObject({
      file: "migrations/0008_drop_users.sql",
      line: "12",
    });
    expect(finding?.children[0]?.attributes["type"]).toBe("cascade-delete");
    expect(all(root, "system-out")[0]?.text).toContain("warning no-index");
  });

  it("show the outcome of a run without steps, checks and findings", () => {
    expect(cases(parseXml(junitReport(report())))).toEqual({ "migrate apply": "passed" });
    const bad = report({ outcome: "failed", exitCode: 6, summary: "No answer" });
    expect(cases(parseXml(junitReport(bad)))).toEqual({ "migrate apply": "failure" });
  });
});

it("junitReport keeps line ends, also in attributes", () => {
  const root = parseXml(junitReport(samples["partial"] ?? report()));
  expect(all(root, "failure")[0]?.attributes["message"]).toBe(
    "The service stopped answering.\nTried 5 times.",
  );
});
