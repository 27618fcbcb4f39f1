/** Reports as commands create them, and one with malicious text. */
import type { Finding, Report, Step } from "../../src/report/report.ts";

const base: Report = {
  format: 1,
  command: "migrate apply",
  tool: "d1ops 0.1.0",
  target: { place: "local", database: "example-db", id: "0f1e2d", env: null },
  startedAt: "2026-11-22T15:00:00.000Z",
  durationMs: 41,
  outcome: "ok",
  exitCode: 0,
  summary: "Nothing to apply: 4 of 4 migrations are applied",
  steps: [],
  findings: [],
  checks: [],
  data: {},
  next: [],
};

export function report(parts: Partial<Report> = {}): Report {
  return { ...base, ...parts };
}

export function step(name: string, parts: Partial<Step> = {}): Step {
  return { name, status: "done", durationMs: 3, rowsRead: 0, rowsWritten: 12, ...parts };
}

const notRun = { durationMs: null, rowsRead: null, rowsWritten: null };

const cascade: Finding = {
  rule: "cascade-delete",
  level: "error",
  message: "Dropping users also deletes 12 rows of sessions, which no statement names.",
  help: "Rebuild the table under another name and rename it, or delete the rows of sessions first.",
  file: "migrations/0008_drop_users.sql",
  line: 12,
  table: "users",
  excerpt:
    "  11 | -- users are kept elsewhere now\n  12 | DROP TABLE users;\n     |            ^^^^^",
  data: { rows: 12 },
};

/** Text that tries to become markup or a command in every format. */
export const hostile = {
  script: `<script>alert("1")</script><img src=x onerror='alert(1)'>`,
  cdata: "]]><failure/>]]&gt;&amp;",
  workflow: "%0A::error::owned\r\n::add-mask::secret\n##[add-mask]secret",
  ansi: "\u001B[31mred\u001B[0m\u001B]0;title\u0007\u009B2J\u0000\b\u007F\tend",
  bidi: "abc\u202Edcba\u202C\u2066x\u2069\u200F\uFEFF",
  markdown: "# no\n- no | **no** `no` [no](javascript:no) @octocat #12 ~~no~~ \\| $x$",
  surrogate: "lone \uD800 and \uDC00, \uFFFE",
};

const allHostile = Object.values(hostile);

export const samples: Record<string, Report> = {
  ok: report(),
  changed: report({
    target: { place: "remote", database: "example-db", id: "0f1e2d", env: "staging" },
    outcome: "changed",
    summary: "3 migrations applied",
    steps: [
      step("0001_core.sql"),
      step("0002_users_and_sessions.sql", { durationMs: 1240, rowsWritten: 1, rowsRead: 20 }),
      step("0003_empty.sql", { durationMs: 0, rowsWritten: 0, note: "no statements" }),
    ],
    checks: [
      {
        id: "tables.present",
        outcome: "pass",
        measured: "65",
        expected: "65",
        evidence: { query: "SELECT count(*) FROM sqlite_schema", at: "2026-11-22T15:00:00.000Z" },
      },
    ],
    next: ["d1ops migrate verify --remote --env staging"],
  }),
  failed: report({
    outcome: "failed",
    exitCode: 3,
    summary: "0008_drop_users.sql failed, nothing was changed",
    steps: [
      step("0008_drop_users.sql", {
        status: "failed",
        durationMs: 4,
        rowsRead: null,
        rowsWritten: null,
        note: "D1_ERROR: FOREIGN KEY constraint failed: SQLITE_CONSTRAINT",
      }),
      step("0009_later.sql", { ...notRun, status: "skipped" }),
    ],
    findings: [
      cascade,
      {
        rule: "no-index",
        level: "warning",
        message: "sessions.user_id has no index.",
        table: "sessions",
      },
      {
        rule: "note",
        level: "info",
        message: "Two lines,\nthe second one.",
        file: "wrangler.jsonc",
      },
    ],
    next: ["d1ops migrate rehearse --local", "d1ops migrate apply --local"],
  }),
  partial: report({
    command: "backfill run",
    outcome: "partial",
    exitCode: 4,
    durationMs: 125_000,
    summary: "1 of 3 jobs done; the rest can be run again",
    steps: [
      step("phones", { durationMs: 61_000, rowsWritten: 1200, rowsRead: 40_000 }),
      step("emails", { status: "failed", note: "The service stopped answering.\nTried 5 times." }),
      step("names", { ...notRun, status: "planned" }),
    ],
    next: ["d1ops backfill run --local"],
  }),
  drift: report({
    command: "migrate verify",
    outcome: "problems",
    exitCode: 1,
    summary: "The schema differs from the migrations in 2 places",
    checks: [
      {
        id: "tables.present",
        outcome: "fail",
        measured: "64",
        expected: "65",
        evidence: { missing: ["plans"] },
      },
      { id: "triggers.present", outcome: "warn", measured: "3", expected: "2", evidence: {} },
      { id: "indexes.present", outcome: "pass", measured: "12", expected: "12", evidence: {} },
      { id: "bytes", outcome: "not-checked", measured: null, expected: null, evidence: {} },
    ],
    data: {
      differences: [
        {
          kind: "missing",
          object: "table",
          name: "plans",
          left: null,
          right: "CREATE TABLE plans (id)",
        },
      ],
    },
  }),
  many: report({
    outcome: "partial",
    exitCode: 4,
    summary: "120 of 200 migrations applied",
    steps: Array.from({ length: 200 }, (_, index) => {
      const name = `${String(index + 1).padStart(4, "0")}_step.sql`;
      if (index === 120) return step(name, { status: "failed", note: "no such table: x" });
      return index < 120 ? step(name) : step(name, { ...notRun, status: "planned" });
    }),
  }),
  hostile: report({
    command: `migrate ${hostile.script}`,
    tool: `d1ops ${hostile.ansi}`,
    target: { place: "remote", database: hostile.ansi, id: hostile.cdata, env: hostile.bidi },
    outcome: "failed",
    exitCode: 3,
    summary: hostile.workflow,
    steps: [
      ...allHostile.map((text) => step(text, { status: "failed", note: text })),
      step("🚀_rocket_名前.sql"),
      step("שלום_عربي.sql", { note: "مرحبا" }),
      step("plain.sql"),
    ],
    findings: allHostile.map((text) => ({
      rule: text,
      level: "error",
      message: text,
      help: text,
      file: `migrations/${text}.sql`,
      line: 1,
      table: text,
      excerpt: `  1 | ${text}\n    | ^`,
      data: { [text]: text },
    })),
    checks: allHostile.map((text) => ({
      id: text,
      outcome: "fail",
      measured: text,
      expected: text,
      evidence: { [text]: text },
    })),
    data: { [hostile.script]: allHostile },
    next: allHostile,
  }),
};
