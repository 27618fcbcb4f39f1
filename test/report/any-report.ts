/** Any report, with any text in any field. */
import * as fc from "fast-check";
import type { Check, Finding, Report, Step } from "../../src/report/report.ts";
import { hostile } from "./samples.ts";

const codeUnits = fc
  .array(fc.integer({ min: 0, max: 0xff_ff }), { maxLength: 12 })
  .map((units) => String.fromCharCode(...units));

const pieces = fc.constantFrom(
  ...Object.values(hostile),
  "\n",
  "\r\n",
  "\t",
  "\u001B[2J",
  "\u009B",
  "\u2028",
  "::",
  "##[",
  "%",
  "<",
  "&",
  "]]>",
  "`",
  "|",
  "\\",
  "-->",
  "\uD83D",
);

export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  codeUnits,
  fc.array(fc.oneof(pieces, fc.string()), { maxLength: 6 }).map((parts) => parts.join("")),
);

const amount = fc.option(fc.nat());

const anyStep: fc.Arbitrary<Step> = fc.record(
  {
    name: anyText,
    status: fc.constantFrom("planned", "done", "failed", "skipped"),
    durationMs: amount,
    rowsRead: amount,
    rowsWritten: amount,
    note: anyText,
  },
  { requiredKeys: ["name", "status", "durationMs", "rowsRead", "rowsWritten"] },
);

const anyData = fc.dictionary(anyText, anyText, { maxKeys: 2, noNullPrototype: true });

const anyFinding: fc.Arbitrary<Finding> = fc.record(
  {
    rule: anyText,
    level: fc.constantFrom("error", "warning", "info"),
    message: anyText,
    help: anyText,
    file: anyText,
    line: fc.integer({ min: 1, max: 9999 }),
    table: anyText,
    excerpt: anyText,
    data: anyData,
  },
  { requiredKeys: ["rule", "level", "message"] },
);

const anyCheck: fc.Arbitrary<Check> = fc.record({
  id: anyText,
  outcome: fc.constantFrom("pass", "warn", "fail", "not-checked"),
  measured: fc.option(anyText),
  expected: fc.option(anyText),
  evidence: anyData,
});

export const anyReport: fc.Arbitrary<Report> = fc.record({
  format: fc.constant(1),
  command: anyText,
  tool: anyText,
  target: fc.option(
    fc.record({
      place: fc.constantFrom("local", "remote"),
      database: anyText,
      id: anyText,
      env: fc.option(anyText),
    }),
  ),
  startedAt: fc.oneof(fc.constant("2026-11-22T15:00:00.000Z"), anyText),
  durationMs: fc.nat(),
  outcome: fc.constantFrom("ok", "changed", "problems", "failed", "partial"),
  exitCode: fc.constantFrom(0, 1, 3, 4, 6),
  summary: anyText,
  steps: fc.array(anyStep, { maxLength: 4 }),
  findings: fc.array(anyFinding, { maxLength: 3 }),
  checks: fc.array(anyCheck, { maxLength: 3 }),
  data: anyData,
  next: fc.array(anyText, { maxLength: 2 }),
});
