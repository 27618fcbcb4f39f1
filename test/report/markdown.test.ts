import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { markdownReport } from "../../src/report/markdown.ts";
import { anyReport, anyText } from "./any-report.ts";
import { report, samples, step } from "./samples.ts";

/** The text outside of fences and code spans, where markup has a meaning. */
function prose(markdown: string): string {
  return markdown
    .replaceAll(/^(`{3,}).*\n[^]*?^\1$/gm, "")
    .replaceAll(/(?<![\\`])(`+)(?!`)[^]*?(?<!`)\1(?!`)/g, "");
}

it("markdownReport of any report has only the tags of the reporter", () => {
  fc.assert(
    fc.property(anyReport, (any) => {
      const tags = prose(markdownReport(any)).match(/<[^>]*>?/g) ?? [];
      for (const tag of tags)
        expect([
          "<br>",
          "<code>",
          "</code>",
          "<details>",
          "</details>",
          "<summary>",
          "</summary>",
        ]).toContain(tag);
    }),
    { numRuns: 300 },
  );
});

it("markdownReport writes every row of a table with as many cells as its head", () => {
  fc.assert(
    fc.property(anyText, anyText, (name, note) => {
      const markdown = markdownReport(
        report({ steps: [step(name, { note })], target: null, summary: "" }),
      );
      const rows = markdown.split("\n").filter((line) => line.startsWith("| "));
      expect(rows).toHaveLength(3);
      for (const row of rows) expect(cells(row)).toBe(5);
    }),
    { numRuns: 300 },
  );
});

/** Splits a row as GitHub does: at each pipe without a backslash before it. */
function cells(row: string): number {
  return row.replaceAll(/\\./g, "").split("|").length - 2;
}

describe("markdownReport of text with marks of Markdown", () => {
  const summary = (text: string): string =>
    markdownReport(report({ target: null, summary: text })).split("\n\n")[1] ?? "";

  it.each([
    ["# title", "\\# title"],
    ["- item", "\\- item"],
    ["1. item", "1\\. item"],
    ["=====", "\\====="],
    ["*a* _b_ `c`", "\\*a\\* \\_b\\_ \\`c\\`"],
    ["[a](b) <i>", "\\[a\\](b) &lt;i&gt;"],
    ["&amp;", "&amp;amp;"],
    ["ask @team", "ask @&#8288;team"],
    ["see #12", "see #&#8288;12"],
    ["a@b.c", "a@b.c"],
    ["one\ntwo", "one\\\ntwo"],
    ["    indented", "indented"],
  ])("escapes %j as %j", (text, expected) => {
    expect(summary(text)).toBe(expected);
  });
});

it("markdownReport writes a fence that is longer than any run of backticks inside it", () => {
  const excerpt = "a\n```\nb ````";
  const finding = { rule: "r", level: "error", message: "m", excerpt } as const;
  expect(markdownReport(report({ findings: [finding] }))).toContain("`````\na\n```\nb ````\n`````");
});

it("markdownReport folds more than 30 steps", () => {
  const markdown = markdownReport(samples["many"] ?? report());
  expect(markdown).toContain("<details><summary>200 steps</summary>\n\n|");
  expect(markdownReport(samples["partial"] ?? report())).not.toContain("<details>");
});
