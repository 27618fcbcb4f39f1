/** @module SARIF 2.1.0, for code scanning. Findings and failed checks are results. Failed steps, and checks that did not run, are notifications. */
import type { Finding, Json, Report } from "./report.ts";
import { inRepository, type GithubOptions } from "./github.ts";
import { jsonText } from "./json.ts";
import { expectedText } from "./wording.ts";

type JsonObject = { readonly [key: string]: Json };

/** JSON leaves out what is undefined. */
interface Result {
  readonly rule: string;
  readonly level: "error" | "warning" | "note";
  readonly message: string;
  readonly help?: string | undefined;
  readonly locations: readonly Json[];
  readonly properties: object;
}

export function sarifReport(report: Report, options: GithubOptions = {}): string {
  const results = [
    ...report.findings.map((finding) => findingResult(finding, options.prefix)),
    ...checkResults(report),
  ];
  const rules = [...new Set(results.map((result) => result.rule))];
  const [name, version] = nameAndVersion(report.tool);
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: { name, ...version, rules: rules.map((rule) => descriptor(rule, results)) },
        },
        invocations: [invocation(report)],
        columnKind: "utf16CodeUnits",
        results: results.map((result) => ({
          ruleId: result.rule,
          ruleIndex: rules.indexOf(result.rule),
          level: result.level,
          message: { text: lines(result.message, result.help) },
          locations: result.locations,
          properties: result.properties,
        })),
        properties: {
          command: report.command,
          target: { ...report.target },
          summary: report.summary,
        },
      },
    ],
  };
  return `${jsonText(log, 2)}\n`;
}

/** Describes a rule by its first result, because a report has no catalogue of rules. */
function descriptor(rule: string, results: readonly Result[]): object {
  const first = results.find((result) => result.rule === rule);
  const name = rule.replaceAll(/[-_.]+/g, " ").trim();
  return {
    id: rule,
    shortDescription: { text: name === "" ? rule : name },
    help: first?.help === undefined ? undefined : { text: first.help },
    defaultConfiguration: { level: first?.level ?? "warning" },
  };
}

function findingResult(finding: Finding, prefix: string | undefined): Result {
  const { rule, message, help, table, excerpt, data } = finding;
  return {
    rule,
    level: finding.level === "info" ? "note" : finding.level,
    message,
    help,
    locations: locations(finding, prefix),
    properties: { table, excerpt, data },
  };
}

function locations({ file, line, table }: Finding, prefix: string | undefined): Json[] {
  const logical = table === undefined ? {} : { logicalLocations: [{ name: table, kind: "table" }] };
  if (file === undefined) return table === undefined ? [] : [logical];
  const region = line === undefined || line < 1 ? {} : { region: { startLine: line } };
  const artifactLocation = { uri: uri(inRepository(file, prefix)) };
  return [{ physicalLocation: { artifactLocation, ...region }, ...logical }];
}

function checkResults(report: Report): Result[] {
  return report.checks.flatMap((check): Result[] => {
    if (check.outcome !== "fail" && check.outcome !== "warn") return [];
    return [
      {
        rule: check.id,
        level: check.outcome === "fail" ? "error" : "warning",
        message: `measured ${check.measured ?? "nothing"}${expectedText(check)}`,
        locations: [],
        properties: { evidence: check.evidence },
      },
    ];
  });
}

function invocation(report: Report): JsonObject {
  const steps = report.steps
    .filter((step) => step.status === "failed")
    .map((step) => ({
      level: "error",
      message: { text: lines(`${step.name} failed`, step.note) },
    }));
  const unchecked = report.checks
    .filter((check) => check.outcome === "not-checked")
    .map((check) => ({ level: "note", message: { text: `${check.id} was not checked` } }));
  return {
    executionSuccessful: report.exitCode === 0 || report.exitCode === 1,
    exitCode: report.exitCode,
    ...times(report),
    toolExecutionNotifications: [...steps, ...unchecked],
  };
}

function times(report: Report): JsonObject {
  const start = Date.parse(report.startedAt);
  if (Number.isNaN(start)) return {};
  const iso = (time: number): string => new Date(time).toISOString();
  return { startTimeUtc: iso(start), endTimeUtc: iso(start + report.durationMs) };
}

/** `d1ops 0.1.0`. */
function nameAndVersion(tool: string): [name: string, version: { version?: string }] {
  const space = tool.lastIndexOf(" ");
  return space <= 0 ? [tool, {}] : [tool.slice(0, space), { version: tool.slice(space + 1) }];
}

function uri(file: string): string {
  return file.toWellFormed().split("/").map(encodeURIComponent).join("/");
}

function lines(...texts: readonly (string | undefined)[]): string {
  return texts.filter((text) => text !== undefined && text !== "").join("\n");
}
