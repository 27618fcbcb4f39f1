import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fold } from "../../src/report/text-steps.ts";
import { columns, wrap } from "../../src/report/layout.ts";
import { plain, type TextOptions } from "../../src/report/text-style.ts";
import { textReport } from "../../src/report/text.ts";
import { duration } from "../../src/report/wording.ts";
import { makePaint } from "../../src/terminal/style.ts";
import { anyReport } from "./any-report.ts";
import { report, samples, step } from "./samples.ts";

const options: TextOptions = {
  paint: plain,
  width: 80,
  verbose: false,
  quiet: false,
  unicode: true,
};
const coloured = await makePaint(true);
const sgr = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, "g");

const anyOptions = fc.record({
  width: fc.constantFrom(0, 1, 20, 40, 80, Number.POSITIVE_INFINITY),
  verbose: fc.boolean(),
  quiet: fc.boolean(),
  unicode: fc.boolean(),
});

describe("textReport of any report", () => {
  it("has no control character but the line end", () => {
    fc.assert(
      fc.property(anyReport, anyOptions, (any, chosen) => {
        const text = textReport(any, { ...chosen, paint: plain });
        expect(text.replaceAll("\n", "")).not.toMatch(
          /[\p{Cc}\p{Cs}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u,
        );
        expect(text === "" || text.endsWith("\n")).toBe(true);
        expect(text).not.toMatch(/^\s*::|##\[/m);
      }),
      { numRuns: 300 },
    );
  });

  it("differs only in colour codes if it is painted", () => {
    fc.assert(
      fc.property(anyReport, anyOptions, (any, chosen) => {
        const painted = textReport(any, { ...chosen, paint: coloured });
        expect(painted.replaceAll(sgr, "").replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
        const trimmed = (text: string): string => text.replaceAll(/[^\S\n]+$/gm, "");
        expect(trimmed(painted.replaceAll(sgr, ""))).toBe(
          trimmed(textReport(any, { ...chosen, paint: plain })),
        );
      }),
      { numRuns: 300 },
    );
  });
});

describe("the first line of textReport", () => {
  it("names the database, the place and the environment", () => {
    const lines = (text: string): string => text.split("\n")[0] ?? "";
    expect(lines(textReport(samples["ok"] ?? report(), options))).toBe("example-db (local)");
    expect(lines(textReport(samples["changed"] ?? report(), options))).toBe(
      "example-db (remote, staging)",
    );
  });

  it("is absent if the report has no target", () => {
    expect(textReport(report({ target: null, summary: "Fine" }), options)).toBe("✓ Fine\n");
  });
});

describe("a quiet textReport", () => {
  const check = { measured: "1 s", expected: "0 s", evidence: {} };
  const quiet = { ...options, quiet: true };

  it("is empty for a success", () => {
    expect(textReport(report(), quiet)).toBe("");
    expect(textReport(samples["changed"] ?? report(), quiet)).toBe("");
  });

  it("shows warnings, of findings and of checks, but no information", () => {
    const finding = { rule: "no-statements", message: "0002_a.sql has no statement" };
    const text = textReport(
      report({
        findings: [
          { ...finding, level: "warning" },
          { ...finding, rule: "way-back", level: "info" },
        ],
        checks: [
          { ...check, id: "clock.skew", outcome: "warn" },
          { ...check, id: "network", outcome: "pass" },
          { ...check, id: "lease", outcome: "not-checked" },
        ],
      }),
      quiet,
    );
    expect(text).toContain("warning no-statements: 0002_a.sql has no statement");
    expect(text).toContain("clock.skew");
    expect(text).not.toMatch(/way-back|network|lease/);
  });

  it("shows failed steps, errors, warnings and failed checks, and leaves out the rest", () => {
    const text = textReport(samples["failed"] ?? report(), quiet);
    expect(text).toContain("0008_drop_users.sql");
    expect(text).toContain("cascade-delete");
    expect(text).toContain("warning no-index");
    expect(text).not.toMatch(/0009_later|example-db|Next/);
    const drift = textReport(samples["drift"] ?? report(), quiet);
    expect(drift).toBe(
      "  ✗ tables.present    64, expected 65\n  ▲ triggers.present  3, expected 2\n",
    );
  });

  it("shows the summary of a failure that nothing else shows", () => {
    const text = textReport(
      report({ outcome: "failed", exitCode: 6, summary: "No answer" }),
      quiet,
    );
    expect(text).toBe("✗ No answer\n");
    expect(textReport(report({ outcome: "failed", summary: "" }), quiet)).toBe("failed\n");
  });
});

describe("long lists in textReport", () => {
  const named = (amount: number): ReturnType<typeof step>[] =>
    Array.from({ length: amount }, (_, index) => step(`s${index}`));

  it("show thirty steps in full", () => {
    expect(fold(named(30))).toHaveLength(30);
  });

  it("fold the middle of more than thirty steps", () => {
    const rows = fold(named(107));
    expect(rows).toHaveLength(21);
    expect(rows[10]).toEqual({ kind: "more", amount: 87 });
    expect(textReport(report({ steps: named(107) }), options)).toContain(
      "  … 87 more (use --verbose)\n",
    );
    expect(textReport(report({ steps: named(107) }), { ...options, unicode: false })).toContain(
      "  ... 87 more",
    );
  });

  it("show all steps with verbose", () => {
    const text = textReport(report({ steps: named(107) }), { ...options, verbose: true });
    expect(text).not.toContain("more (use");
    expect(text).toContain(" s50 ");
  });

  it("fold no failed steps, no skipped steps and no mixed runs", () => {
    expect(fold(named(90).map((one) => ({ ...one, status: "failed" as const })))).toHaveLength(90);
    expect(fold(named(90).map((one) => ({ ...one, status: "skipped" as const })))).toHaveLength(90);
    const mixed = named(60).map((one, index) =>
      index % 2 === 0 ? one : { ...one, status: "planned" as const },
    );
    expect(fold(mixed)).toHaveLength(60);
  });

  it("count every step that they do not show", () => {
    const statuses = fc.constantFrom("planned", "done", "failed", "skipped");
    const someRuns = fc.array(fc.tuple(statuses, fc.integer({ min: 1, max: 50 })), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(someRuns, (runs) => {
        const steps = runs.flatMap(([status, amount]) =>
          Array.from({ length: amount }, () => step("x", { status })),
        );
        const shown = fold(steps).reduce(
          (sum, row) => sum + (row.kind === "more" ? row.amount : 1),
          0,
        );
        expect(shown).toBe(steps.length);
      }),
    );
  });

  it("show 100,000 steps with verbose, and only both ends without", () => {
    const steps = named(100_000).map((one) => ({ ...one, status: "failed" as const }));
    const all = textReport(report({ steps }), { ...options, verbose: true });
    expect(all.split("\n").length).toBeGreaterThan(100_000);
    expect(fold(steps)).toHaveLength(201);
    expect(textReport(report({ steps }), options)).toContain("  … 99,800 more (use --verbose)\n");
  });

  it("show twenty findings of a rule and the number of the others, and all with verbose", () => {
    const wrong = { rule: "wrong", level: "error" } as const;
    const findings = [
      ...Array.from({ length: 23 }, (_, n) => ({ ...wrong, message: `wrong ${n}.` })),
      { ...wrong, rule: "other", message: "another one." },
    ];
    const text = textReport(report({ findings }), options);
    expect(text).toContain("wrong 19.");
    expect(text).not.toContain("wrong 20.");
    expect(text).toContain("another one.");
    expect(text).toContain("… 3 more of wrong (use --verbose)\n");
    const verbose = textReport(report({ findings }), { ...options, verbose: true });
    expect(verbose).toContain("wrong 22.");
    expect(verbose).not.toContain("more of");
  });
});

describe("alignment in textReport", () => {
  it("counts columns, not characters", () => {
    expect(columns("abc")).toBe(3);
    expect(columns("名前")).toBe(4);
    expect(columns("🚀")).toBe(2);
    expect(columns("👨‍👩‍👧")).toBe(2);
    expect(columns("e\u0301")).toBe(1);
    expect(columns("שלום")).toBe(4);
  });

  it("keeps the caret under its column if a tab or a control character precedes it", () => {
    const excerpt = "1 | \tDROP \u001Btable\n  |       ^";
    const finding = { rule: "r", level: "error", message: "m", excerpt } as const;
    const lines = textReport(report({ findings: [finding] }), { ...options, unicode: false }).split(
      "\n",
    );
    const source = lines.findIndex((line) => line.includes("DROP"));
    expect(lines[source]).toBe("    1 |  DROP ?table");
    expect(lines[source + 1]).toBe("      |       ^");
  });

  it("wraps prose, but no command, place or source", () => {
    const long = "word ".repeat(40).trim();
    const path = `migrations/${"x".repeat(90)}.sql`;
    const text = textReport(
      report({
        findings: [
          {
            rule: "r",
            level: "error",
            message: long,
            help: long,
            file: path,
            line: 1,
            excerpt: long,
          },
        ],
        next: [long],
      }),
      { ...options, width: 40 },
    );
    const lines = text.split("\n");
    expect(lines).toContain(`  ${path}:1`);
    expect(lines.filter((line) => line.trim() === long)).toHaveLength(2);
    const wide = lines.filter((line) => columns(line) > 40);
    expect(wide).toHaveLength(3);
  });

  it.each([
    [
      "To apply it without a prompt: npx d1ops migrate apply --remote --env staging --yes",
      "npx d1ops migrate apply --remote --env staging --yes",
    ],
    [
      "pnpm exec d1ops migrate status --local --env production",
      "pnpm exec d1ops migrate status --local --env production",
    ],
    [
      "Did you mean `d1ops migrate apply --local --db shop`?",
      "`d1ops migrate apply --local --db shop`?",
    ],
    ["mkdir -p '/tmp/a folder/of mine'", "mkdir -p '/tmp/a folder/of mine'"],
  ])("keeps the command of %j on one line, so that it can be pasted", (line, command) => {
    expect(wrap(line, 30)).toContain(command);
  });

  it("wraps within the width unless a word is longer", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 1, maxLength: 12 })),
        fc.integer({ min: 20, max: 60 }),
        (words, width) => {
          // Text in backticks is a command.
          const line = words.join(" ").replaceAll("`", "'");
          const lines = wrap(line, width);
          expect(lines.join(" ").replaceAll(/ +/g, "")).toBe(line.replaceAll(/ +/g, ""));
          for (const one of lines) expect(columns(one)).toBeLessThanOrEqual(width);
        },
      ),
    );
  });
});

it("duration uses ms, s, min and h", () => {
  expect(
    [0, 0.4, 999, 999.6, 1240, 59_960, 60_000, 125_000, 3_599_700, 3_600_000, 7_500_000].map(
      duration,
    ),
  ).toEqual([
    "0 ms",
    "0 ms",
    "999 ms",
    "1.0 s",
    "1.2 s",
    "1 min 0 s",
    "1 min 0 s",
    "2 min 5 s",
    "1 h 0 min",
    "1 h 0 min",
    "2 h 5 min",
  ]);
});
