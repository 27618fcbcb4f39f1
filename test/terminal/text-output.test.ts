import { execFileSync, spawn } from "node:child_process";
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { errorCode } from "../../src/files/reason.ts";
import { outputTo } from "../../src/terminal/text-output.ts";

const MODULE = new URL("../../src/terminal/text-output.ts", import.meta.url).href;
const LINES = Array.from({ length: 50_000 }, (_, at) => `line ${at} …\n`).join("");

/** Writes {@link LINES} in two halves, and reports on stderr what it has loaded and which failures it had. */
const SCRIPT = `
  import { outputTo } from ${JSON.stringify(MODULE)};
  let streams = 0;
  const output = outputTo(1, () => { streams += 1; return process.stdout; });
  const text = Array.from({ length: 50_000 }, (_, at) => "line " + at + " …\\n").join("");
  const failures = [];
  for (const half of [text.slice(0, text.length / 2), text.slice(text.length / 2)]) {
    await new Promise((resolve) => output.write(half, (error) => resolve(error && failures.push(error.code))));
  }
  console.error(JSON.stringify({ streams, failures }));`;

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "d1ops-output-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly said: { readonly streams: number; readonly failures: readonly string[] };
}

/** Starts the script with `file` as its stdout. The shell keeps the file's flags; node would make it blocking. */
function start(file: number): Promise<Ended> {
  const child = spawn(
    "/bin/sh",
    ["-c", `exec "$0" --input-type=module -e "$1" >&3`, process.execPath, SCRIPT],
    { stdio: ["ignore", "pipe", "pipe", file] },
  );
  closeSync(file);
  let stderr = "";
  child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) => {
    child.once("close", (code) => resolve({ code, said: JSON.parse(stderr) }));
  });
}

function pipe(flags: number): { readonly reader: number; readonly writer: number } {
  const path = join(folder, "pipe");
  execFileSync("mkfifo", [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return { reader, writer: openSync(path, constants.O_WRONLY | flags) };
}

/** Reads a little at a time, so that the pipe is full most of the time. */
async function readAll(file: number): Promise<string> {
  const chunks: Buffer[] = [];
  const chunk = Buffer.alloc(20_000);
  for (let ended = false; !ended;) {
    await sleep(1);
    try {
      const bytes = readSync(file, chunk);
      chunks.push(Buffer.from(chunk.subarray(0, bytes)));
      ended = bytes === 0;
    } catch (error) {
      if (errorCode(error) !== "EAGAIN") throw error;
    }
  }
  closeSync(file);
  return Buffer.concat(chunks).toString();
}

it("writes a file without a stream", async () => {
  const path = join(folder, "out.txt");
  expect(await start(openSync(path, "w"))).toEqual({ code: 0, said: { streams: 0, failures: [] } });
  expect(readFileSync(path, "utf8")).toBe(LINES);
});

it("writes a pipe with a slow reader without a stream", async () => {
  const { reader, writer } = pipe(0);
  const ended = start(writer);
  expect(await readAll(reader)).toBe(LINES);
  expect(await ended).toEqual({ code: 0, said: { streams: 0, failures: [] } });
});

it("passes all of the text in order to a stream if a non-blocking pipe is full", async () => {
  const { reader, writer } = pipe(constants.O_NONBLOCK);
  const ended = start(writer);
  expect(await readAll(reader)).toBe(LINES);
  expect(await ended).toEqual({ code: 0, said: { streams: 1, failures: [] } });
});

it("passes the failure of each write to its caller", async () => {
  const { reader, writer } = pipe(0);
  closeSync(reader);
  expect(await start(writer)).toEqual({
    code: 0,
    said: { streams: 0, failures: ["EPIPE", "EPIPE"] },
  });
});

it("uses the stream of a device and of a closed descriptor", () => {
  const stream = new PassThrough();
  const device = openSync("/dev/null", "w");
  expect(outputTo(device, () => stream)).toBe(stream);
  closeSync(device);
  expect(outputTo(device, () => stream)).toBe(stream);
});
