import { describe, expect, test } from "vitest";
import { errorOf, run as runProgram } from "../project.ts";

const EXIT_GUARD = new URL("../../src/cli/exit-guard.ts", import.meta.url).href;

async function script(text: string): ReturnType<typeof runProgram> {
  const source = `import { guardExit, settleExit } from ${JSON.stringify(EXIT_GUARD)};\n${text}`;
  return runProgram(process.execPath, ["--input-type=module", "-e", source], ".", {});
}

describe("a process", () => {
  test("exits with 70 if nothing is pending and its command has not reported", async () => {
    const ended = await script(
      "guardExit(false, 'd1ops'); new Promise(() => {}).then(() => settleExit(0));",
    );
    expect(ended).toMatchObject({ code: 70, stdout: "" });
    expect(ended.stderr).toContain("error INTERNAL: d1ops ended before the command could report");
    expect(ended.stderr).toContain("nothing was pending");
  });

  test("exits with 70 if an uncaught error ends it before its command has reported", async () => {
    const ended = await script(
      "guardExit(true, 'd1ops'); setImmediate(() => { throw new Error('stray') });",
    );
    expect(ended.code).toBe(70);
    expect(ended.stderr).toContain("stray");
  });

  test("exits with 70 if code calls process.exit(0) before its command has reported", async () => {
    const ended = await script("guardExit(true, 'd1ops'); process.exit(0);");
    expect(ended).toMatchObject({ code: 70, stdout: "" });
    expect(errorOf(ended)).toMatchObject({
      code: "INTERNAL",
      details: { reason: "the process was ended with exit code 0" },
    });
  });
});

test.each([0, 1, 4])(
  "a command that has reported exits with its own exit code: %d",
  async (code) => {
    const ended = await script(`guardExit(true, 'd1ops'); settleExit(${code});`);
    expect(ended).toMatchObject({ code, stderr: "" });
  },
);
