import { spawnSync } from "node:child_process";
import { zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { runZstd, SMALLEST_RESULT, type ZstdJob } from "../../src/files/zstd-threads.ts";

const encoder = new TextEncoder();
const options = { chunkSize: SMALLEST_RESULT } as const;

const JOBS: readonly ZstdJob[] = [
  ["", null],
  ["a short text", null],
  ["a short text", "a text"],
  ["a long text ".repeat(5000), null],
  ["a long text ".repeat(5000), "a long text ".repeat(20_000)],
].map(([text, dictionary]) => ({
  kind: "compress",
  bytes: encoder.encode(text ?? ""),
  dictionary: dictionary === null ? null : encoder.encode(dictionary),
  options,
}));

test("another thread gives the same results as this one, for many jobs at the same time", async () => {
  const here = await Promise.all(JOBS.map(runZstd));
  await runZstd({ kind: "compress", bytes: new Uint8Array(3_000_000), dictionary: null, options });
  for (let round = 0; round < 5; round += 1) {
    const there = await Promise.all(JOBS.map(runZstd));
    expect(there.map((bytes) => [...bytes])).toEqual(here.map((bytes) => [...bytes]));
    const read = await Promise.all(
      JOBS.map(async (job, i) =>
        runZstd({ ...job, kind: "decompress", bytes: there[i] ?? new Uint8Array() }),
      ),
    );
    expect(read.map((bytes) => [...bytes])).toEqual(JOBS.map(({ bytes }) => [...bytes]));
  }
});

test("another thread rejects bytes that are no frame, and continues with the next job", async () => {
  await runZstd({ kind: "compress", bytes: new Uint8Array(3_000_000), dictionary: null, options });
  const job = { kind: "decompress", dictionary: null, options } as const;
  const damaged = runZstd({ ...job, bytes: encoder.encode("no frame") });
  const intact = runZstd({ ...job, bytes: zstdCompressSync("a text") });
  await expect(damaged).rejects.toThrow();
  expect(new TextDecoder().decode(await intact)).toBe("a text");
});

test("a process waits for the answer of another thread, and exits although that thread is idle", () => {
  const module = new URL("../../src/files/zstd-threads.ts", import.meta.url).href;
  const job =
    "{ kind: 'compress', bytes: new Uint8Array(3_000_000), dictionary: null, options: { chunkSize: 65_536 } }";
  const script = `import(${JSON.stringify(module)}).then(({ runZstd }) => runZstd(${job})).then(({ length }) => console.log(length > 0))`;
  const { stdout, status } = spawnSync(process.execPath, ["-e", script], { encoding: "utf8" });
  expect([stdout, status]).toEqual(["true\n", 0]);
});

/** The system limits the threads of every user but root. */
const USER = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
const CAN_LIMIT =
  spawnSync("prlimit", ["--version"]).status === 0 &&
  spawnSync(process.execPath, ["-e", "0"], { ...USER, cwd: "/" }).status === 0;

test.skipIf(!CAN_LIMIT)("works in this thread if the system allows no other one", () => {
  const module = new URL("../../src/files/zstd-threads.ts", import.meta.url).href;
  const job =
    "{ kind: 'compress', bytes: new Uint8Array(3_000_000), dictionary: null, options: { chunkSize: 65_536 } }";
  const script = `
    const { runZstd } = await import(${JSON.stringify(module)});
    const { spawnSync } = await import("node:child_process");
    spawnSync("prlimit", ["--pid", String(process.pid), "--nproc=1"]);
    for (let i = 0; i < 2; i += 1) console.log((await runZstd(${job})).length > 0);`;
  const node = ["--input-type=module", "-e", script];
  const { stdout, stderr } = spawnSync(process.execPath, node, {
    ...USER,
    cwd: "/",
    encoding: "utf8",
  });
  expect(stdout, stderr).toBe("true\ntrue\n");
});
