/**
 * The file of a report. d1ops opens it before the command runs, and writes it when the command has ended. Until then, the file keeps its
 * content.
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
  /** Replaces the content of the file. @throws the error of the operating system */
  write(text: string): void;
  /** Closes the file without a change. Removes it if opening created it. */
  discard(): void;
  /** True if both are the same regular file, so that each would overwrite the other. Devices and pipes receive both outputs. */
  isSameAs(other: Stats): boolean;
  readonly stats: Stats;
}

/** @throws OpsError OUTPUT_UNWRITABLE with the path that the user gave, when the file cannot be opened */
export function openOutputFile(path: string, cwd: string): OutputFile {
  // `resolve` would drop a slash at the end, which marks a folder.
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
      // Network file systems report a full disk only when the file is closed.
      closeSync(file);
      // If the command removed the file or its folder, the written file has no name.
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

/** Opens without truncating, and without waiting. */
function open(path: string): { readonly file: number; readonly created: boolean } {
  const { O_WRONLY, O_CREAT, O_EXCL } = constants;
  try {
    return { file: openSync(path, O_WRONLY | O_CREAT | O_EXCL), created: true };
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
  }
  if (statSync(path, { throwIfNoEntry: false })?.isFIFO() === true) return openPipe(path);
  // O_CREAT again, because the name may be a link to a file that does not exist yet.
  return { file: openSync(path, O_WRONLY | O_CREAT), created: false };
}

/** Fails with ENXIO if the named pipe has no reader: opening it would wait without end. */
function openPipe(path: string): { readonly file: number; readonly created: boolean } {
  const probe = openSync(path, constants.O_WRONLY | (constants.O_NONBLOCK ?? 0));
  try {
    // A write to the probe would lose the bytes that do not fit into the pipe. This descriptor waits for the reader.
    return { file: openSync(path, constants.O_WRONLY), created: false };
  } finally {
    closeSync(probe);
  }
}

function unwritable(path: string, error: unknown): OpsError<"OUTPUT_UNWRITABLE"> {
  const code = errorCode(error);
  const reason = code === "ENOENT" ? "its folder does not exist (ENOENT)" : reasonOf(error);
  const message = `The report cannot be written to ${path}: ${reason}. Nothing was done.`;
  const hint =
    HINTS[code ?? ""]?.(path) ??
    offer("To see the permissions of its folder", `ls -ld ${shellPath(dirname(path))}`);
  return new OpsError("OUTPUT_UNWRITABLE", { path, reason }, { message, hint }, { cause: error });
}

const HINTS: Readonly<Record<string, (path: string) => string>> = {
  ENOENT: (path) => offer("Create its folder", `mkdir -p ${shellPath(dirname(path))}`),
  EISDIR: (path) => `Name a file in it: ${shellWord(`${path.replace(/\/+$/, "")}/report`)}`,
  ENXIO: () => "Start the reader of the pipe first.",
};
