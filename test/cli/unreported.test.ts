import { describe, expect, test } from "vitest";
import { d1ops, errorOf, makeProject, run as runProgram } from "../project.ts";

const PRESUME = new URL("../../src/cli/presume.ts", import.meta.url).href;

/** The files of a project whose backfill's module runs `code` when it is loaded. */
function withModule(code: string): Record<string, string> {
  return {
    "migrations/0001_a.sql": "CREATE TABLE a(id INTEGER PRIMARY KEY);",
    "migrations/backfills/0001_a.mjs": code,
  };
}

async function script(text: string): ReturnType<typeof runProgram> {
  const source = `import { presumeFailure, settle } from ${JSON.stringify(PRESUME)};\n${text}`;
  return runProgram(process.execPath, ["--input-type=module", "-e", source], ".", {});
}

describe("a process that ends before its command has reported is exit 70", () => {
  test("where nothing is pending and the command waits for ever", async () => {
    const ended = await script(
      "presumeFailure(false); new Promise(() => {}).then(() => settle(0));",
    );
    expect(ended).toMatchObject({ code: 70, stdout: "" });
    expect(ended.stderr).toContain("error INTERNAL: d1ops ended before the command could report");
    expect(ended.stderr).toContain("nothing was pending");
  });

  test("where an error is thrown that nothing catches", async () => {
    const ended = await script(
      "presumeFailure(true); setImmediate(() => { throw new Error('stray') });",
    );
    expect(ended.code).toBe(70);
    expect(ended.stderr).toContain("stray");
  });

  test("where the program of a backfill calls process.exit(0)", async () => {
    const project = makeProject(withModule("process.exit(0)"));
    const run = await d1ops(project, ["backfill", "list", "--json"]);
    expect(run).toMatchObject({ code: 70, stdout: "" });
    expect(errorOf(run).code).toBe("INTERNAL");
    expect(errorOf(run).message).toContain("ended before the command could report");
  });
});

test.each([0, 1, 4])("a command that has reported ends with its exit code: %d", async (code) => {
  const ended = await script(`presumeFailure(true); settle(${code});`);
  expect(ended).toMatchObject({ code, stderr: "" });
});
