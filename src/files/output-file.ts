/**
 * A file that a report goes to: opened before the work begins, written when the work has ended.
 * What the file held before stays until then.
 * @module
 */
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, isAbsolute, sep } from "node:path";
import { OpsError } from "../report/error.ts";
import { errorCode, reasonOf } from "./reason.ts";
import { offer, shellPath, shellWord } from "../report/command.ts";

export interface OutputFile {
  readonly path: string;
  /** Replaces what the file held. @throws whatever the operating system says */
  write(text: string): void;
  /** Closes the file as it was. Removes it if opening has created it. */
  discard(): void;
  /** Each would overwrite the other. False for devices and pipes, which keep what each writes. */
  isSameAs(other: Stats): boolean;
  readonly stats: Stats;
}

/** @throws OpsError OUTPUT_UNWRITABLE, which names the path as it was given */
export function openOutputFile(path: string, cwd: string): OutputFile {
  // Not `resolve`, which drops the slash that makes a name the name of a folder.
  const location = isAbsolute(path) ? path : `${cwd}${sep}${path}`;
  let opened: { readonly file: number; readonly created: boolean };
  let stats: Stats;
  try {
    opened = open(location);
    stats = fstatSync(opened.file);
  } catch (error) {
    throw unwritable(path, error);
  }
  const { file, created } = opened;
  let closed = false;
  return {
    path,
    stats,
    write(text) {
      if (stats.isFile()) ftruncateSync(file);
      writeFileSync(file, text);
      closed = true;
      const removed = stats.isFile() && fstatSync(file).nlink === 0;
      // Network file systems report a full disk only here.
      closeSync(file);
      // The run may have removed the file or its folder: what was written then has no name.
      if (removed) writeFileSync(location, text);
    },
    discard() {
      if (closed) return;
      closed = true;
      closeSync(file);
      if (created) rmSync(location, { force: true });
    },
    isSameAs: (other) => stats.isFile() && other.dev === stats.dev && other.ino === stats.ino,
  };
}

/** Neither truncates nor waits. */
function open(path: string): { readonly file: number; readonly created: boolean } {
  const { O_WRONLY, O_CREAT, O_EXCL } = constants;
  try {
    return { file: openSync(path, O_WRONLY | O_CREAT | O_EXCL), created: true };
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
  }
  if (statSync(path, { throwIfNoEntry: false })?.isFIFO() === true) return openPipe(path);
  // O_CREAT again: the name may be a link to a file that does not exist yet.
  return { file: openSync(path, O_WRONLY | O_CREAT), created: false };
}

/** A named pipe without a reader would wait for one, for ever: here it fails with ENXIO. */
function openPipe(path: string): { readonly file: number; readonly created: boolean } {
  const probe = openSync(path, constants.O_WRONLY | (constants.O_NONBLOCK ?? 0));
  try {
    // The probe would lose what does not fit into the pipe at once; this descriptor waits for the reader.
    return { file: openSync(path, constants.O_WRONLY), created: false };
  } finally {
    closeSync(probe);
  }
}

function unwritable(path: string, error: unknown): OpsError<"OUTPUT_UNWRITABLE"> {
  const reason = reasonOf(error);
  return new OpsError(
    "OUTPUT_UNWRITABLE",
    { path, reason },
    {
      message: `The report cannot be written to ${path}: ${reason}. Nothing was done.`,
      hint:
        HINTS[errorCode(error) ?? ""]?.(path) ??
        offer("Look at its folder", `ls -ld ${shellPath(dirname(path))}`),
    },
    { cause: error },
  );
}

const HINTS: Readonly<Record<string, (path: string) => string>> = {
  ENOENT: (path) => offer("Create its folder", `mkdir -p ${shellPath(dirname(path))}`),
  EISDIR: (path) => `Name a file in it: ${shellWord(`${path.replace(/\/+$/, "")}/report`)}`,
  ENXIO: () => "Start the reader of the pipe first.",
};
