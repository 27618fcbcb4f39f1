import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { githubReport } from "../../src/report/github.ts";
import { anyReport } from "./any-report.ts";
import { report, samples } from "./samples.ts";

interface Command {
  name: string;
  properties: Record<string, string>;
  data: string;
}

/**
 * Parses a line as GitHub's runner does (actions/runner, `ActionCommand.cs`): a command has `::` at its start, or `##[`
 * anywhere.
 */
function obeyed(line: string): Command | "old syntax" | null {
  const message = line.trimStart();
  const end = message.indexOf("::", 2);
  if (!message.startsWith("::") || end < 0) return line.includes("##[") ? "old syntax" : null;
  const info = message.slice(2, end);
  const space = info.indexOf(" ");
  const pairs =
    space < 0
      ? []
      : info
          .slice(space + 1)
          .trim()
          .split(",");
  const properties = Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      return [pair.slice(0, at), undone(pair.slice(at + 1), true)];
    }),
  );
  return {
    name: space < 0 ? info : info.slice(0, space),
    properties,
    data: undone(message.slice(end + 2), false),
  };
}

function undone(text: string, property: boolean): string {
  const common = text.replaceAll("%0D", "\r").replaceAll("%0A", "\n");
  const more = property ? common.replaceAll("%3A", ":").replaceAll("%2C", ",") : common;
  return more.replaceAll("%25", "%");
}

it("githubReport never turns the text of a report into another workflow command or property", () => {
  fc.assert(
    fc.property(anyReport, (any) => {
      const [first = "", ...lines] = githubReport(any).trimEnd().split("\n");
      expect(obeyed(first)).toBeNull();
      for (const line of lines) {
        const command = obeyed(line);
        if (command === null || command === "old syntax") throw new Error(`no command: ${line}`);
        expect(["error", "warning", "notice"]).toContain(command.name);
        for (const name of Object.keys(command.properties))
          expect(["file", "line", "title"]).toContain(name);
        expect(line).not.toMatch(/\p{Cc}/u);
      }
    }),
    { numRuns: 300 },
  );
});

it("githubReport is decoded by GitHub's runner into the same text, file and title", () => {
  const odd = "50%, a:b %0A\nnext, line::x";
  const finding = {
    rule: "r,u:l%e",
    level: "warning",
    message: odd,
    file: "a,b:c%.sql",
    line: 3,
  } as const;
  const line = githubReport(report({ findings: [finding] })).split("\n")[1] ?? "";
  expect(obeyed(line)).toEqual({
    name: "warning",
    properties: { file: "a,b:c%.sql", line: "3", title: "r,u:l%e" },
    data: odd,
  });
});

describe("annotations of githubReport", () => {
  it("show findings with their help", () => {
    const lines = githubReport(samples["failed"] ?? report()).split("\n");
    expect(lines[0]).toBe("example-db (local): 0008_drop_users.sql failed, nothing was changed");
    expect(lines[2]).toMatch(
      /^::error file=migrations\/0008_drop_users.sql,line=12,title=cascade-delete::Dropping users .*%0ARebuild/,
    );
    expect(lines[3]).toBe("::warning title=no-index::sessions.user_id has no index.");
    expect(lines[4]).toMatch(/^::notice file=wrangler.jsonc,title=note::/);
  });

  it("have paths from the repository's root", () => {
    const sample = samples["failed"] ?? report();
    for (const prefix of ["apps/api", "./apps/api/"]) {
      expect(githubReport(sample, { prefix })).toContain(
        "file=apps/api/migrations/0008_drop_users.sql,",
      );
    }
    for (const prefix of ["", ".", "./"]) {
      expect(githubReport(sample, { prefix })).toContain("file=migrations/0008_drop_users.sql,");
    }
  });

  it("show the checks that did not pass", () => {
    expect(githubReport(samples["drift"] ?? report()).match(/^::\w+/gm)).toEqual([
      "::error",
      "::warning",
      "::notice",
    ]);
  });

  it("are absent for a success, and show the summary of a failure that nothing else shows", () => {
    expect(githubReport(samples["changed"] ?? report())).not.toContain("::");
    const bad = report({ outcome: "failed", exitCode: 6, summary: "No answer" });
    expect(githubReport(bad)).toBe(
      "example-db (local): No answer\n::error title=migrate apply::No answer\n",
    );
  });
});
