/**
 * One page without scripts, fonts or requests. Every state is a word, not only a colour. `<bdi>` isolates names from a file or a
 * database, so that right-to-left text does not reorder the text around it.
 * @module
 */
import type { Check, Finding, Outcome, Report, Step } from "./report.ts";
import { stylesheet } from "./html-style.ts";
import { markup, markupLines } from "./markup.ts";
import { printableSource } from "./printable.ts";
import { count, duration, findingPlace, where } from "./wording.ts";

type Tone = "good" | "warn" | "bad" | "info" | "muted";

const tones: Record<Outcome | Step["status"] | Check["outcome"] | Finding["level"], Tone> = {
  ok: "good",
  changed: "good",
  problems: "bad",
  failed: "bad",
  partial: "warn",
  planned: "info",
  done: "good",
  skipped: "muted",
  pass: "good",
  warn: "warn",
  fail: "bad",
  "not-checked": "warn",
  error: "bad",
  warning: "warn",
  info: "info",
};

export function htmlReport(report: Report): string {
  const place = report.target === null ? "" : where(report.target);
  const title = [report.command, place].filter((part) => part !== "").join(" - ");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta name="color-scheme" content="light dark" />
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'" />
<title>${markup(title)}</title>
<style>
${stylesheet}
</style>
</head>
<body>
<main>
<header>
<h1>${bdi(report.command)}</h1>
${place === "" ? "" : `<p>${bdi(place)}</p>\n`}<p>${state(report.outcome)} ${bdiLines(report.summary)}</p>
</header>
${[
  steps(report.steps),
  findings(report.findings),
  checks(report.checks),
  next(report.next),
  data(report),
].join("")}<footer>
<p class="muted">${markup(report.tool)}, <time datetime="${markup(report.startedAt)}">${markup(report.startedAt)}</time>, ${duration(report.durationMs)}</p>
</footer>
</main>
</body>
</html>
`;
}

function section(id: string, title: string, body: string): string {
  return `<section aria-labelledby="${id}">\n<h2 id="${id}">${title}</h2>\n${body}</section>\n`;
}

function steps(all: readonly Step[]): string {
  if (all.length === 0) return "";
  const rows = all.map((step) => [
    `<td>${state(step.status)}</td>`,
    `<th scope="row"><code>${bdi(step.name)}</code></th>`,
    `<td class="number">${step.durationMs === null ? "" : duration(step.durationMs)}</td>`,
    `<td class="number">${step.rowsWritten ?? ""}</td>`,
    `<td class="lines">${bdiLines(step.note ?? "")}</td>`,
  ]);
  const head = ["State", "Step", "Time", "Rows written", "Note"];
  return section("steps", "Steps", table("steps", head, rows, count(all.length, "step")));
}

function checks(all: readonly Check[]): string {
  if (all.length === 0) return "";
  const rows = all.map((check) => [
    `<td>${state(check.outcome)}</td>`,
    `<th scope="row"><code>${bdi(check.id)}</code></th>`,
    `<td>${bdi(check.measured ?? "")}</td>`,
    `<td>${bdi(check.expected ?? "")}</td>`,
    `<td>${Object.keys(check.evidence).length === 0 ? "" : `<code>${markup(JSON.stringify(check.evidence))}</code>`}</td>`,
  ]);
  const head = ["Outcome", "Check", "Measured", "Expected", "Evidence"];
  return section("checks", "Checks", table("checks", head, rows, count(all.length, "check")));
}

function table(
  id: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  caption: string,
): string {
  const titles = head.map((title) => {
    const numeric = title === "Time" || title === "Rows written" ? ' class="number"' : "";
    return `<th scope="col"${numeric}>${title}</th>`;
  });
  return `<div class="wide" role="region" aria-labelledby="${id}" tabindex="0">
<table>
<caption>${caption}</caption>
<thead><tr>${titles.join("")}</tr></thead>
<tbody>
${rows.map((cells) => `<tr>${cells.join("")}</tr>\n`).join("")}</tbody>
</table>
</div>
`;
}

function findings(all: readonly Finding[]): string {
  return all.length === 0 ? "" : section("findings", "Findings", all.map(finding).join(""));
}

function finding(one: Finding, index: number): string {
  const place = findingPlace(one);
  const source = printableSource(one.excerpt ?? "", "\uFFFD");
  const id = `finding-${index + 1}`;
  return `<article class="finding" aria-labelledby="${id}">
<h3 id="${id}">${state(one.level)} <code>${bdi(one.rule)}</code></h3>
<p class="lines">${bdiLines(one.message)}</p>
${place === null ? "" : `<p><code>${bdi(place)}</code></p>\n`}${source.length === 0 ? "" : `${pre(source.join("\n"), "Source")}\n`}${one.help === undefined ? "" : `<p class="lines"><strong>Help:</strong> ${bdiLines(one.help)}</p>\n`}</article>
`;
}

function next(commands: readonly string[]): string {
  if (commands.length === 0) return "";
  const body = commands.map((command) => `${pre(command, "Command")}\n`).join("");
  return section("next", "Next", body);
}

function data(report: Report): string {
  if (Object.keys(report.data).length === 0) return "";
  return `<details>\n<summary>Data</summary>\n${pre(JSON.stringify(report.data, null, 2), "Data")}\n</details>\n`;
}

/** A block that scrolls sideways must be reachable by keyboard, and a reachable block needs a label. */
function pre(text: string, label: string): string {
  return `<pre role="region" aria-label="${label}" tabindex="0" dir="ltr"><code>${markupLines(text)}</code></pre>`;
}

function state(word: keyof typeof tones): string {
  return `<span class="state ${tones[word]}">${word === "not-checked" ? "not checked" : word}</span>`;
}

function bdi(text: string): string {
  return text === "" ? "" : `<bdi>${markup(text)}</bdi>`;
}

function bdiLines(text: string): string {
  return text === "" ? "" : `<bdi>${markupLines(text)}</bdi>`;
}
