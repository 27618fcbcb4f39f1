/**
 * JUnit XML for Jenkins, GitLab and others. Steps and checks are test cases; findings of level error are failures. Planned and skipped
 * steps, and checks that did not run, are skipped, so they never count as passed.
 * @module
 */
import type { Check, Finding, Report, Step } from "./report.ts";
import { attributes, markupLines } from "./markup.ts";
import { findingPlace, isGood, where } from "./wording.ts";

interface Case extends Pick<Finding, "file" | "line"> {
  readonly name: string;
  readonly seconds?: number;
  readonly verdict: "passed" | "failed" | "skipped";
  /** Why it failed or was skipped. */
  readonly message?: string;
  readonly type?: string;
  /** The long form, as the content of the element. */
  readonly text?: string;
}

interface Suite {
  readonly name: string;
  readonly cases: readonly Case[];
  readonly output: readonly string[];
}

export function junitReport(report: Report): string {
  const suites = withOutcome(report, [
    { name: "steps", cases: report.steps.map(stepCase), output: [] },
    { name: "checks", cases: report.checks.map(checkCase), output: [] },
    {
      name: "findings",
      cases: report.findings.filter((finding) => finding.level === "error").map(findingCase),
      output: report.findings.filter((finding) => finding.level !== "error").map(findingText),
    },
  ]);
  const cases = suites.flatMap((suite) => suite.cases);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: report.command, ...totals(cases), time: seconds(report.durationMs) })}>`,
    ...suites.flatMap((suite) => suiteLines(suite, report)),
    "</testsuites>\n",
  ].join("\n");
}

/** Adds a case for the outcome if no other case shows it: a run without cases, or a failure that no case carries. */
function withOutcome(report: Report, suites: readonly Suite[]): Suite[] {
  const filled = suites.filter((suite) => suite.cases.length > 0 || suite.output.length > 0);
  const cases = filled.flatMap((suite) => suite.cases);
  const good = isGood(report.outcome);
  const shown = good ? cases.length > 0 : cases.some((one) => one.verdict === "failed");
  if (shown) return filled;
  const base = { name: report.command, seconds: report.durationMs / 1000 };
  const outcome: Case = good
    ? { ...base, verdict: "passed" }
    : { ...base, verdict: "failed", message: report.summary, type: report.outcome };
  return [...filled, { name: "outcome", cases: [outcome], output: [] }];
}

function suiteLines(suite: Suite, report: Report): string[] {
  const name = `${report.command} ${suite.name}`;
  const time = suite.cases.reduce((sum, one) => sum + (one.seconds ?? 0), 0);
  const head = { name, ...totals(suite.cases), skipped: skipped(suite.cases), errors: 0 };
  const timestamp = report.startedAt.replace(/(\.\d+)?Z$/, "");
  return [
    `  <testsuite${attributes({ ...head, time: seconds(time * 1000), timestamp })}>`,
    ...properties(report),
    ...suite.cases.flatMap((one) => caseLines(one, name)),
    ...(suite.output.length === 0
      ? []
      : [`    <system-out>${markupLines(suite.output.join("\n"))}</system-out>`]),
    "  </testsuite>",
  ];
}

function properties(report: Report): string[] {
  const entries = [
    ["tool", report.tool],
    ...(report.target === null ? [] : [["target", where(report.target)]]),
  ];
  return [
    "    <properties>",
    ...entries.map(([name, value]) => `      <property${attributes({ name, value })}/>`),
    "    </properties>",
  ];
}

function caseLines(one: Case, classname: string): string[] {
  const time = one.seconds === undefined ? undefined : seconds(one.seconds * 1000);
  const { name, file, line, message, type } = one;
  const head = `    <testcase${attributes({ name, classname, time, file, line })}`;
  if (one.verdict === "passed") {
    if (one.text === undefined) return [`${head}/>`];
    return [
      `${head}>`,
      `      <system-out>${markupLines(one.text)}</system-out>`,
      "    </testcase>",
    ];
  }
  const body =
    one.verdict === "skipped"
      ? `<skipped${attributes({ message })}/>`
      : `<failure${attributes({ message, type })}>${markupLines(one.text ?? message ?? "")}</failure>`;
  return [`${head}>`, `      ${body}`, "    </testcase>"];
}

function stepCase(step: Step): Case {
  const base = {
    name: step.name,
    ...(step.durationMs === null ? {} : { seconds: step.durationMs / 1000 }),
  };
  if (step.status === "failed") {
    return { ...base, verdict: "failed", message: step.note ?? "failed", type: "step" };
  }
  if (step.status === "done") {
    return { ...base, verdict: "passed", ...(step.note === undefined ? {} : { text: step.note }) };
  }
  const why = step.note === undefined ? "" : `: ${step.note}`;
  return { ...base, verdict: "skipped", message: step.status + why };
}

function checkCase(check: Check): Case {
  const result = `measured ${check.measured ?? "nothing"}, expected ${check.expected ?? "nothing in particular"}`;
  if (check.outcome === "fail") {
    return { name: check.id, verdict: "failed", message: result, type: "check" };
  }
  if (check.outcome === "not-checked") {
    return { name: check.id, verdict: "skipped", message: "not checked" };
  }
  const warned = check.outcome === "warn" ? { text: `warning: ${result}` } : {};
  return { name: check.id, verdict: "passed", ...warned };
}

function findingCase(finding: Finding): Case {
  const place = findingPlace(finding);
  return {
    ...finding,
    name: finding.rule + (place === null ? "" : ` ${place}`),
    verdict: "failed",
    type: finding.rule,
    text: findingText(finding),
  };
}

function findingText(finding: Finding): string {
  return [
    `${finding.level} ${finding.rule}: ${finding.message}`,
    findingPlace(finding) ?? "",
    finding.excerpt ?? "",
    finding.help ?? "",
  ]
    .filter((part) => part !== "")
    .join("\n");
}

function totals(cases: readonly Case[]): { tests: number; failures: number } {
  return {
    tests: cases.length,
    failures: cases.filter((one) => one.verdict === "failed").length,
  };
}

function skipped(cases: readonly Case[]): number {
  return cases.filter((one) => one.verdict === "skipped").length;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
