import { spawn } from "node:child_process";
import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { assumeWidth, writeOut } from "../../src/terminal/streams.ts";

function failing(code: string): Writable {
  const error = Object.assign(new Error(code), { code });
  return new Writable({ write: (_chunk, _encoding, done) => done(error) });
}

it("writeOut resolves when the whole text is written", async () => {
  let received = "";
  const slow = new Writable({
    highWaterMark: 1,
    write(chunk: Buffer, _encoding, done) {
      setTimeout(() => {
        received += chunk.toString();
        done();
      }, 5);
    },
  });
  await writeOut(slow, "one\n");
  expect(received).toBe("one\n");
  await Promise.all([writeOut(slow, "two\n"), writeOut(slow, "three\n")]);
  expect(received).toBe("one\ntwo\nthree\n");
  expect(slow.listenerCount("error")).toBe(0);
});

describe("a reader that closed its end", () => {
  it("is not an error, at the first and at later writes", async () => {
    const stream = failing("EPIPE");
    await expect(writeOut(stream, "text")).resolves.toBeNull();
    await new Promise((resolve) => setImmediate(resolve));
    await expect(writeOut(stream, "more")).resolves.toBeNull();
    await expect(
      Promise.all([writeOut(failing("EPIPE"), "a"), writeOut(stream, "b")]),
    ).resolves.toBeDefined();
  });

  it("lets a real process end without an error", async () => {
    const module = new URL("../../src/terminal/streams.ts", import.meta.url).href;
    const script = `
      import { assumeWidth, writeOut } from ${JSON.stringify(module)};
      await writeOut(process.stdout, "x\\n".repeat(1_000_000));
      await writeOut(process.stdout, "again\\n");
      process.exitCode = 7;`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdout.once("data", () => child.stdout.destroy());
    const code = await new Promise((resolve) => child.once("close", resolve));
    expect({ code, stderr }).toEqual({ code: 7, stderr: "" });
  });
});

it("writeOut returns any other failure, at the first and at later writes", async () => {
  const stream = failing("ENOSPC");
  expect(await writeOut(stream, "text")).toMatchObject({ code: "ENOSPC" });
  await new Promise((resolve) => setImmediate(resolve));
  // The stream is destroyed by now.
  expect(await writeOut(stream, "more")).toMatchObject({ code: "ENOSPC" });
});

it("assumeWidth sets 80 columns for a terminal with 0, and changes no other stream", () => {
  const terminal = { isTTY: true, columns: 0 };
  const narrow = { isTTY: true, columns: 20 };
  const file = { columns: 0 };
  assumeWidth(terminal, narrow, file);
  expect([terminal.columns, narrow.columns, file.columns]).toEqual([80, 20, 0]);
});
