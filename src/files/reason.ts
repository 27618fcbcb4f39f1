/** @module Describes an error of the operating system. */
import { lstatSync } from "node:fs";
import { dirname } from "node:path";
import { offer, shellPath } from "../report/command.ts";
import { OpsError } from "../report/error.ts";
import { nullIfThrows } from "./null-if-throws.ts";
import { UnsupportedFile } from "./regular.ts";

const WORDS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EBADF: "it is closed, or open for reading only",
  EDQUOT: "the disk quota is used up",
  EIO: "the device failed",
  EISDIR: "it is a folder",
  ELOOP: "it is a symbolic link",
  ENOENT: "it does not exist",
  ENOSPC: "the disk is full",
  ENOTDIR: "a part of its path is not a folder",
  ENXIO: "no process reads from it",
  EPERM: "operation not permitted",
  EROFS: "the file system is read-only",
  ERR_FS_EISDIR: "it is a folder",
  ERR_FS_FILE_TOO_LARGE: "it has more than 2 GiB",
};

/** `EACCES`, or null if the error has no code. */
export function errorCode(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : null;
}

/** The hint of an error of reading `path`. */
export function failedReadHint(path: string, error: unknown): string {
  return errorCode(error) === "ENOENT"
    ? "Check the path."
    : offer("To see its type and permissions", `ls -ld ${shellPath(visible(path))}`);
}

/** The path, or the nearest folder above it that can be listed: `ls` of what is in a closed folder fails, too. */
export function visible(path: string): string {
  const parent = dirname(path);
  const isVisible = parent === path || nullIfThrows(() => lstatSync(path)) !== null;
  return isVisible ? path : visible(parent);
}

/** @returns OpsError INPUT_UNREADABLE */
export function unreadable(path: string, error: unknown): OpsError<"INPUT_UNREADABLE"> {
  const reason = reasonOf(error);
  const text = { message: `${path} cannot be read: ${reason}.`, hint: failedReadHint(path, error) };
  return new OpsError("INPUT_UNREADABLE", { path, reason }, text, { cause: error });
}

/** `permission denied (EACCES)`. */
export function reasonOf(error: unknown): string {
  if (error instanceof UnsupportedFile) return error.message;
  const code = errorCode(error);
  if (code === null) return String(error);
  const words = WORDS[code];
  return words === undefined ? code : `${words} (${code})`;
}
