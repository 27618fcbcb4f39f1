/**
 * Compares ways to cut a file into chunks: what a second snapshot adds after an edit. Run `node bench/file-chunks.ts [MB]`.
 * docs/decisions/0065-files-are-cut-by-content.md has the results of one run.
 * @module
 */
import { createCipheriv, hash } from "node:crypto";
import { snapshotCodec as codec } from "../src/files/snapshot-codec.ts";
import { FileCutter } from "../src/snapshots/take/file-cutter.ts";

type Cut = (content: Uint8Array) => Promise<Uint8Array[]>;

interface Piece {
  readonly id: string;
  readonly content: Uint8Array;
  /** Bytes of its frame. */
  readonly stored: number;
  readonly base: Piece | null;
}

const MB = 1_000_000;
const size = Number(process.argv[2] ?? 40) * MB;

const byContent: Cut = async (content) => {
  const chunks: Uint8Array[] = [];
  const cutter = new FileCutter(async (chunk) => void chunks.push(chunk));
  await cutter.add(content);
  await cutter.end();
  return chunks;
};

const ofSize =
  (bytes: number): Cut =>
  async (content) =>
    Array.from({ length: Math.ceil(content.length / bytes) }, (_, i) =>
      content.subarray(i * bytes, (i + 1) * bytes),
    );

const schemes: Readonly<Record<string, Cut>> = {
  "4 MB": ofSize(4 * MB),
  "16 MB": ofSize(16 * MB),
  "the whole file": ofSize(Number.MAX_SAFE_INTEGER),
  "by content": byContent,
};

function random(seed: string, bytes: number): Buffer {
  const key = hash("sha256", seed, "buffer");
  return createCipheriv("aes-256-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(bytes));
}

function rows(seed: string, bytes: number): Buffer {
  const source = random(seed, bytes + 16);
  const lines: string[] = [];
  for (let at = 0, length = 0; length < bytes; at += 16) {
    const [id = 0, name = 0, mail = 0] = [0, 4, 8].map((offset) =>
      source.readUInt32LE(at + offset),
    );
    const line = `{"id":${id},"name":"Nia ${name % 9973}","mail":"user${mail}@example.com"}\n`;
    length += line.length;
    lines.push(line);
  }
  return Buffer.from(lines.join("")).subarray(0, bytes);
}

type Fill = typeof random;

const joined = (...parts: readonly Uint8Array[]): Buffer => Buffer.concat(parts);

const edits: Readonly<Record<string, (file: Buffer, fill: Fill) => Buffer>> = {
  "insert 100 B at 1 kB": (file, fill) =>
    joined(file.subarray(0, 1000), fill("new", 100), file.subarray(1000)),
  "insert 3 MB at 1 kB": (file, fill) =>
    joined(file.subarray(0, 1000), fill("new", 3 * MB), file.subarray(1000)),
  "append 1 MB": (file, fill) => joined(file, fill("new", MB)),
  "overwrite 100 kB": (file, fill) =>
    joined(file.subarray(0, size / 2), fill("new", MB / 10), file.subarray(size / 2 + MB / 10)),
  "remove the first 5 MB": (file) => file.subarray(5 * MB),
};

/** As `take-files.ts` and `chunk-writer.ts` do it. */
async function store(
  chunks: readonly Uint8Array[],
  old: readonly Piece[],
): Promise<{ pieces: Piece[]; added: number }> {
  const places = new Map(old.map(({ id }, place) => [id, place]));
  const pieces: Piece[] = [];
  let added = 0;
  let next = 0;
  for (const content of chunks) {
    const id = codec.digest(content);
    const before = old[next] ?? old.at(-1);
    const known = places.get(id);
    next = (known ?? next) + 1;
    const again = known === undefined ? undefined : old[known];
    const piece = again ?? (await compressed(id, content, before?.base ?? before ?? null));
    if (again === undefined) added += piece.stored;
    pieces.push(piece);
  }
  return { pieces, added };
}

async function compressed(id: string, content: Uint8Array, base: Piece | null): Promise<Piece> {
  if (base !== null) {
    const { length: stored } = await codec.compress(content, base.content);
    if (stored * 2 <= base.stored) return { id, content, stored, base };
  }
  const { length: stored } = await codec.compress(content, null);
  return { id, content, stored, base: null };
}

const inMb = (bytes: number): string => (bytes / MB).toFixed(2);

for (const [kind, fill] of Object.entries({ "random bytes": random, "rows of JSON": rows })) {
  const file = fill("old", size);
  console.log(`\n${kind}, ${size / MB} MB\n`);
  console.log(`| chunks | first, MB | ${Object.keys(edits).join(" | ")} |`);
  for (const [name, cut] of Object.entries(schemes)) {
    const first = await store(await cut(file), []);
    const cells: string[] = [];
    for (const edit of Object.values(edits)) {
      const { added } = await store(await cut(edit(file, fill)), first.pieces);
      cells.push(inMb(added));
    }
    console.log(`| ${name} | ${inMb(first.added)} | ${cells.join(" | ")} |`);
  }
  const began = performance.now();
  await byContent(file);
  console.log(`Cutting by content takes ${Math.round(performance.now() - began)} ms.`);
}
