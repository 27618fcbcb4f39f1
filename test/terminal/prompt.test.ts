import { PassThrough } from "node:stream";
import { describe, expect, it, vi } from "vitest";
import {
  askSecret,
  confirm,
  confirmByName,
  isInteractive,
  type PromptIo,
} from "../../src/terminal/prompt.ts";

interface Fake {
  io: PromptIo;
  stdin: PassThrough;
  shown: () => string;
}

function fake(parts: Partial<PromptIo> = {}): Fake {
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => stdin });
  const stderr = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 });
  let output = "";
  stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  return { io: { stdin, stderr, env: {}, ...parts }, stdin, shown: () => output };
}

/** Types the keys when the prompt is shown. */
async function answer(keys: string, parts: Partial<PromptIo> = {}): Promise<string> {
  const { io, stdin, shown } = fake(parts);
  const asked = confirm("Apply 3 migrations to example-db?", io);
  while (!shown().includes("Apply 3")) await new Promise((resolve) => setTimeout(resolve, 5));
  stdin.write(keys);
  return asked;
}

describe("a prompt on a terminal", () => {
  it.each([
    ["y", "yes"],
    ["n", "no"],
    ["\r", "no"],
    ["\u001B[D\r", "yes"],
  ])("reads the key %j as %s", async (keys, expected) => {
    expect(await answer(keys)).toBe(expected);
  });

  it.each([
    ["escape", "\u001B"],
    ["Ctrl-D", "\u0004"],
    ["Ctrl-D after other keys", "x\u0004"],
  ])("reads %s as no", async (_name, keys) => {
    expect(await answer(keys)).toBe("no");
  });

  it("continues after Ctrl-Z and fg, although readline has paused the input", async () => {
    const { io, stdin, shown } = fake();
    const asked = confirm("Go?", io);
    while (!shown().includes("Go?")) await new Promise((resolve) => setTimeout(resolve, 5));
    stdin.pause();
    process.emit("SIGCONT", "SIGCONT");
    stdin.write("y");
    expect(await asked).toBe("yes");
    expect(process.listenerCount("SIGCONT")).toBe(0);
  });

  it("fails with INTERRUPTED on Ctrl-C", async () => {
    await expect(answer("\u0003")).rejects.toMatchObject({
      code: "INTERRUPTED",
      details: { signal: "SIGINT" },
    });
  });

  it.each(["SIGINT", "SIGTERM", "SIGHUP"])("fails with INTERRUPTED on %s", async (name) => {
    const interruption = new AbortController();
    const { io, stdin, shown } = fake({ signal: interruption.signal });
    for (const asked of [confirm("Go?", io), confirmByName("Go?", "shop-db", io)]) {
      while (!shown().includes("Go?")) await new Promise((resolve) => setTimeout(resolve, 5));
      interruption.abort(name);
      await expect(asked).rejects.toMatchObject({
        code: "INTERRUPTED",
        details: { signal: name },
      });
    }
    expect(stdin.listenerCount("keypress")).toBe(0);
    expect(shown().lastIndexOf("\u001B[?25h")).toBeGreaterThan(shown().lastIndexOf("\u001B[?25l"));
  });

  it("says how to confirm in advance: by the name where --yes is not enough", async () => {
    const { io } = fake({ signal: AbortSignal.abort("SIGINT") });
    await expect(confirm("Go?", io)).rejects.toMatchObject({
      hint: "Run the command again. --yes confirms in advance.",
    });
    await expect(confirmByName("Go?", "shop-db", io)).rejects.toMatchObject({
      hint: "Run the command again. --confirm shop-db confirms in advance.",
    });
  });

  it("fails with INTERRUPTED if a signal arrives right after the answer", async () => {
    const interruption = new AbortController();
    const { io, stdin, shown } = fake({ signal: interruption.signal });
    const asked = confirm("Go?", io);
    while (!shown().includes("Go?")) await new Promise((resolve) => setTimeout(resolve, 5));
    stdin.once("keypress", () => setImmediate(() => interruption.abort("SIGTERM")));
    stdin.write("y");
    await expect(asked).rejects.toMatchObject({ code: "INTERRUPTED" });
  });

  it.each([{ CI: "" }, { CI: "false" }])("is shown with the variables %j", async (env) => {
    expect(await answer("y", { env })).toBe("yes");
  });

  it("can be answered in clack's mode for screen readers", async () => {
    vi.stubEnv("ACCESSIBLE", "1");
    try {
      expect(await answer("y")).toBe("yes");
      expect(await answer("\r")).toBe("no");
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it("returns no if the terminal is closed", async () => {
    const { io, stdin, shown } = fake();
    const asked = confirm("Go?", io);
    while (!shown().includes("Go?")) await new Promise((resolve) => setTimeout(resolve, 5));
    stdin.end();
    expect(await asked).toBe("no");
  });

  it("removes its listeners, so that the next prompt can be answered", async () => {
    const { io, stdin, shown } = fake();
    for (const question of ["First?", "Second?"]) {
      const asked = confirm(question, io);
      while (!shown().includes(question)) await new Promise((resolve) => setTimeout(resolve, 5));
      stdin.write("y");
      expect(await asked).toBe("yes");
    }
    expect(stdin.listenerCount("close")).toBeLessThanOrEqual(1);
  });

  it("escapes control characters of the question", async () => {
    const { io, stdin, shown } = fake();
    const asked = confirm("Drop \u001B[2Jusers\u202E?", io);
    while (!shown().includes("users")) await new Promise((resolve) => setTimeout(resolve, 5));
    stdin.write("n");
    await asked;
    expect(shown()).toContain(String.raw`\x1b[2Jusers\u202e?`);
    expect(shown()).not.toContain("\u001B[2J");
  });
});

describe("a prompt for a secret", () => {
  const typed = async (keys: string): Promise<{ answer: string | null; shown: string }> => {
    const { io, stdin, shown } = fake();
    const asked = askSecret("Passphrase?", "D1OPS_PASSPHRASE", io);
    while (!shown().includes("Passphrase?")) await new Promise((resolve) => setTimeout(resolve, 5));
    stdin.write(keys);
    return { answer: await asked, shown: shown() };
  };

  it("returns what was typed, and never shows it", async () => {
    const { answer: read, shown } = await typed("correct horse\r");
    expect(read).toBe("correct horse");
    expect(shown).not.toContain("corr");
    expect(shown).not.toContain("horse");
  });

  it.each([
    ["nothing", "\r"],
    ["escape", "\u001B"],
    ["Ctrl-D", "\u0004"],
  ])("returns null for %s", async (_name, keys) => {
    expect((await typed(keys)).answer).toBeNull();
  });

  it("fails with INTERRUPTED on Ctrl-C, and names the variable", async () => {
    await expect(typed("secret\u0003")).rejects.toMatchObject({
      code: "INTERRUPTED",
      hint: expect.stringContaining("D1OPS_PASSPHRASE") as string,
    });
  });

  it("returns null without a terminal", async () => {
    const { io, shown } = fake({ env: { CI: "1" } });
    expect(await askSecret("Passphrase?", "D1OPS_PASSPHRASE", io)).toBeNull();
    expect(shown()).toBe("");
  });
});

describe("a prompt without a terminal", () => {
  const pipe = (): PassThrough => new PassThrough();

  it.each([
    ["stdin is not a terminal", { stdin: pipe() }],
    ["stderr is not a terminal", { stderr: pipe() }],
    ["CI", { env: { CI: "true" } }],
    ["CI=1", { env: { CI: "1" } }],
  ])("returns not-interactive: %s", async (_name, parts) => {
    const { io, shown } = fake(parts);
    expect(isInteractive(io)).toBe(false);
    expect(await confirm("Go?", io)).toBe("not-interactive");
    expect(shown()).toBe("");
  });

  it("fails with INTERRUPTED after a signal", async () => {
    const { io, shown } = fake({ signal: AbortSignal.abort("SIGTERM") });
    await expect(confirm("Go?", io)).rejects.toMatchObject({ code: "INTERRUPTED" });
    expect(shown()).toBe("");
  });

  it("returns not-interactive if stdin has ended", async () => {
    const { io, stdin } = fake();
    stdin.destroy();
    expect(await confirm("Go?", io)).toBe("not-interactive");
  });
});
