/**
 * Files as documents of a knowledge base: the title is the file's name.
 * @module
 */
import { isUtf8 } from "node:buffer";
import { readFileSync, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import { reasonOf } from "../files/reason.ts";
import type { DocumentInput } from "../onboarding/input.ts";
import { unreadable } from "./onboard-lines.ts";

/** No step takes more than a million; what is far beyond is not read at all. */
const BYTES_AT_MOST = 4_000_000;

/** @throws OpsError INPUT_UNREADABLE */
export function readDocument(path: string, cwd: string, title?: string): DocumentInput {
  const bytes = readBytes(path, resolve(cwd, path));
  if (!isUtf8(bytes)) throw unreadable(path, "it is not UTF-8", "Save it as UTF-8 text.");
  const content = bytes.toString("utf8").replace(/^\uFEFF/, "");
  return { title: title ?? basename(path), source_type: "file", content };
}

function readBytes(path: string, absolute: string): Buffer {
  let size: number;
  try {
    ({ size } = statSync(absolute));
    if (size <= BYTES_AT_MOST) return readFileSync(absolute);
  } catch (error) {
    throw unreadable(path, reasonOf(error), `Look at it: ls -ld ${path}`, { cause: error });
  }
  throw unreadable(path, `it has ${size} bytes`, "A document has 200,000 characters at most.");
}
