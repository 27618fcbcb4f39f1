/** @module Reads files as documents of a knowledge base. The title of a document is its file name. */
import { isUtf8 } from "node:buffer";
import { basename, resolve } from "node:path";
import { failedReadHint, reasonOf } from "../../files/reason.ts";
import { UnsupportedFile, readRegularFile } from "../../files/regular.ts";
import type { DocumentInput } from "../../onboarding/input.ts";
import { unreadable } from "../../onboarding/file/lines.ts";

/** A step takes a million bytes at most, so d1ops does not read a much larger file. */
const BYTES_AT_MOST = 4_000_000;

/** @throws OpsError INPUT_UNREADABLE */
export function readDocument(path: string, cwd: string, title?: string): DocumentInput {
  const bytes = readBytes(path, resolve(cwd, path));
  if (!isUtf8(bytes)) throw unreadable(path, "it is not UTF-8", "Save it as UTF-8 text.");
  const content = bytes.toString("utf8").replace(/^\uFEFF/, "");
  return { title: title ?? basename(path), source_type: "file", content };
}

function readBytes(path: string, absolute: string): Buffer {
  try {
    return readRegularFile(absolute, BYTES_AT_MOST);
  } catch (error) {
    const hint =
      error instanceof UnsupportedFile
        ? "Name a text file. A document has 200,000 characters at most."
        : failedReadHint(path, error);
    throw unreadable(path, reasonOf(error), hint, { cause: error });
  }
}
