/**
 * Runs zstd in threads of its own. node's asynchronous zstd needs twice the time of the processor: its threads give the memory of each job
 * back to the system, and each job needs several turns of the event loop.
 * @module
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { zstdCompressSync, zstdDecompressSync, type ZstdOptions } from "node:zlib";

export interface ZstdJob {
  readonly kind: "compress" | "decompress";
  readonly bytes: Uint8Array;
  readonly dictionary: Uint8Array | null;
  /** A result that fits into `chunkSize` is made in one step. */
  readonly options: ZstdOptions & { readonly chunkSize: number };
}

/** The smallest `chunkSize`: node shares memory between smaller buffers, so they cannot be transferred to another thread. */
export const SMALLEST_RESULT: number = 65_536;

/** Bytes of the jobs that this thread does itself, because the start of another thread takes longer. */
const HERE = 2_000_000;

/** The thread that asks reads, hashes and writes meanwhile. More than four threads would wait for it. */
const MOST_THREADS = 4;

let begun = 0;
let threads: readonly Thread[] = [];
let turn = 0;

/** A thread ended, for example because memory was missing. This says nothing about the bytes of its jobs. */
export class ThreadEnded extends Error {}

/** @throws Error of node:zlib, ThreadEnded */
export async function runZstd(job: ZstdJob): Promise<Uint8Array> {
  begun += job.bytes.length;
  if (begun <= HERE) return runHere(job);
  if (threads.length === 0) {
    const count = Math.min(Math.max(availableParallelism() - 1, 1), MOST_THREADS);
    threads = Array.from({ length: count }, startThread);
  }
  turn = (turn + 1) % threads.length;
  const run = threads[turn] ?? runHere;
  return run(job);
}

type Thread = (job: ZstdJob) => Promise<Uint8Array>;

async function runHere({ kind, bytes, dictionary, options }: ZstdJob): Promise<Uint8Array> {
  const all = { ...options, ...(dictionary !== null && { dictionary }) };
  return kind === "compress" ? zstdCompressSync(bytes, all) : zstdDecompressSync(bytes, all);
}

type Answer = { readonly bytes: Uint8Array } | { readonly failure: string };

interface Waiting extends PromiseWithResolvers<Uint8Array> {
  readonly memory: SharedArrayBuffer;
}

/** If the system allows no more threads, as in a container with a limit, this thread does the work. */
function startThread(): Thread {
  try {
    // The code of a function needs no file of its own in the package.
    return threadOf(new Worker(`(${work.toString()})()`, { eval: true, execArgv: [] }));
  } catch {
    return runHere;
  }
}

function threadOf(worker: Worker): Thread {
  const waiting: Waiting[] = [];
  worker.on("message", (answer: Answer) => {
    const first = waiting.shift();
    if (first === undefined) return;
    if (waiting.length === 0) worker.unref();
    free.push(first.memory);
    if ("bytes" in answer) first.resolve(answer.bytes);
    else first.reject(new Error(answer.failure));
  });
  worker.on("error", (error) => {
    threads = [];
    const ended = new ThreadEnded("a thread that compresses has ended", { cause: error });
    for (const { reject } of waiting.splice(0)) reject(ended);
  });
  // After the listeners: node counts a thread with a listener as busy.
  worker.unref();
  return async ({ kind, bytes, dictionary, options }) => {
    const length = bytes.length + (dictionary?.length ?? 0);
    const memory = takeMemory(length);
    const shared = new Uint8Array(memory, 0, length);
    shared.set(bytes);
    if (dictionary !== null) shared.set(dictionary, bytes.length);
    const job: ZstdJob = {
      kind,
      bytes: shared.subarray(0, bytes.length),
      dictionary: dictionary && shared.subarray(bytes.length),
      options,
    };
    worker.postMessage(job, []);
    const one = { ...Promise.withResolvers<Uint8Array>(), memory };
    // The process must not exit before the answer, and must not wait for an idle thread.
    if (waiting.push(one) === 1) worker.ref();
    return one.promise;
  };
}

/** Memory that threads have read. A copy for each job would stay in the memory of its thread, which creates too little else to collect it. */
const free: SharedArrayBuffer[] = [];

function takeMemory(length: number): SharedArrayBuffer {
  // A small job must not keep the memory that a large one needs.
  const index = free.findIndex(
    ({ byteLength }) => byteLength >= length && byteLength <= 2 * length + GRAIN,
  );
  const [found] = index === -1 ? [] : free.splice(index, 1);
  return found ?? new SharedArrayBuffer(GRAIN * Math.ceil(length / GRAIN));
}

/** Bytes. Jobs of similar sizes use the same memory again. */
const GRAIN = 32_768;

/** The code of a thread. It may not use anything of this module. */
function work(): void {
  const { parentPort } = process.getBuiltinModule("node:worker_threads");
  const zlib = process.getBuiltinModule("node:zlib");
  const run = ({ kind, bytes, dictionary, options }: ZstdJob): Uint8Array<ArrayBuffer> => {
    const all = { ...options, ...(dictionary !== null && { dictionary }) };
    const made =
      kind === "compress" ? zlib.zstdCompressSync(bytes, all) : zlib.zstdDecompressSync(bytes, all);
    if (made.length === made.buffer.byteLength) return made;
    const result = new Uint8Array(made);
    // Frees the memory. This thread creates too little else to collect it soon.
    made.buffer.transfer(0);
    return result;
  };
  parentPort?.on("message", (job: ZstdJob) => {
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = run(job);
    } catch (error) {
      parentPort.postMessage({ failure: String(error) }, []);
      return;
    }
    parentPort.postMessage({ bytes }, [bytes.buffer]);
  });
}
