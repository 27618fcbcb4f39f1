import { describe, expect, it } from "vitest";
import { plain } from "../../src/report/text-style.ts";
import { makePaint, supportsUnicode, wantsColor } from "../../src/terminal/style.ts";

describe("colour", () => {
  const tty = { isTTY: true };
  const pipe = { isTTY: false };

  it.each([
    ["a terminal", "auto", {}, tty, true],
    ["a pipe", "auto", {}, pipe, false],
    ["a stream without isTTY", "auto", {}, {}, false],
    [
      "--color always, in a pipe with NO_COLOR",
      "always",
      { NO_COLOR: "1", TERM: "dumb" },
      pipe,
      true,
    ],
    ["--color never, with FORCE_COLOR", "never", { FORCE_COLOR: "1" }, tty, false],
    ["NO_COLOR", "auto", { NO_COLOR: "1" }, tty, false],
    ["an empty NO_COLOR", "auto", { NO_COLOR: "" }, tty, true],
    ["NO_COLOR over FORCE_COLOR", "auto", { NO_COLOR: "1", FORCE_COLOR: "3" }, tty, false],
    ["FORCE_COLOR in a pipe", "auto", { FORCE_COLOR: "1" }, pipe, true],
    ["FORCE_COLOR over TERM=dumb", "auto", { FORCE_COLOR: "true", TERM: "dumb" }, pipe, true],
    ["FORCE_COLOR=0", "auto", { FORCE_COLOR: "0" }, tty, false],
    ["FORCE_COLOR=false", "auto", { FORCE_COLOR: "false" }, tty, false],
    ["an empty FORCE_COLOR", "auto", { FORCE_COLOR: "" }, pipe, false],
    ["TERM=dumb", "auto", { TERM: "dumb" }, tty, false],
  ] as const)(
    "is on or off as terminal, flag and variables say: %s",
    (_name, choice, env, stream, expected) => {
      expect(wantsColor(choice, env, stream)).toBe(expected);
    },
  );

  it("does not depend on the support that chalk detects", async () => {
    const paint = await makePaint(true);
    expect(paint.red("x")).toBe("\u001B[31mx\u001B[39m");
    expect(
      [paint.yellow, paint.green, paint.cyan, paint.dim, paint.bold].map((one) => one("x")),
    ).toEqual([
      "\u001B[33mx\u001B[39m",
      "\u001B[32mx\u001B[39m",
      "\u001B[36mx\u001B[39m",
      "\u001B[2mx\u001B[22m",
      "\u001B[1mx\u001B[22m",
    ]);
    expect(await makePaint(false)).toBe(plain);
    expect(Object.values(plain).map((one: (text: string) => string) => one("x"))).toEqual(
      Array(6).fill("x"),
    );
  });
});

describe("unicode", () => {
  it.each([
    [{}, "linux", true],
    [{ LANG: "en_US.UTF-8" }, "linux", true],
    [{ LANG: "C.utf8" }, "linux", true],
    [{ LANG: "de_DE.UTF-8@euro" }, "linux", true],
    [{ LANG: "C" }, "linux", false],
    [{ LANG: "POSIX" }, "darwin", false],
    [{ LANG: "en_US.ISO-8859-1" }, "linux", false],
    [{ LANG: "en_US.UTF-8", LC_ALL: "C" }, "linux", false],
    [{ LANG: "C", LC_CTYPE: "en_US.UTF-8" }, "linux", true],
    [{ LANG: "C", LC_ALL: "", LC_CTYPE: "" }, "linux", false],
    [{ LANG: "en_US.UTF-8", TERM: "linux" }, "linux", false],
    [{}, "win32", false],
    [{ WT_SESSION: "x" }, "win32", true],
    [{ TERM: "xterm-256color" }, "win32", true],
    [{ TERM_PROGRAM: "vscode" }, "win32", true],
  ] as const)("is supported as the variables %j on %s say: %s", (env, platform, expected) => {
    expect(supportsUnicode(env, platform)).toBe(expected);
  });
});
