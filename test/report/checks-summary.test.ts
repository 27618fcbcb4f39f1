import { expect, test } from "vitest";
import { checksSummary } from "../../src/report/checks-summary.ts";
import type { Check, Finding } from "../../src/report/report.ts";

function check(outcome: Check["outcome"]): Check {
  return { id: outcome, outcome, measured: null, expected: "ok", evidence: {} };
}

const warning: Finding = { rule: "state-link", level: "warning", message: "a link" };
const info: Finding = { ...warning, level: "info" };

test.each<[Check["outcome"][], Finding[], string]>([
  [["pass", "pass"], [], "2 checks, all passed"],
  [["pass", "warn"], [warning, info], "2 checks, 2 warnings"],
  [["pass", "warn"], [], "2 checks, 1 warning"],
  [["pass", "not-checked"], [], "2 checks, 1 not checked"],
  [["warn", "not-checked"], [], "2 checks, 1 warning, 1 not checked"],
  [["pass", "fail", "warn", "not-checked"], [warning], "1 of 4 checks failed"],
])("summarizes %j with %j as %s", (outcomes, findings, summary) => {
  expect(checksSummary({ checks: outcomes.map(check), findings })).toBe(summary);
});
