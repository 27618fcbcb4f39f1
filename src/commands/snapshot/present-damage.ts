/** @module Explains a restore that cannot read the present database because that is damaged. */
import { existsSync } from "node:fs";
import { examineFile } from "../../database/examine-file.ts";
import { nullIfThrows } from "../../files/null-if-throws.ts";
import { offer, shellPath } from "../../report/command.ts";
import { hasCode, OpsError } from "../../report/error.ts";

/**
 * Returns another error if the database `path` is damaged, which only its owner can decide to give up: d1ops cannot keep it as a way back.
 * Else returns the same error.
 */
export function explainPresent(error: unknown, path: string): unknown {
  const reason = reasonOf(error, path);
  if (reason === null) return error;
  const files = ["", "-wal", "-shm"].map((end) => `${path}${end}`).filter((one) => existsSync(one));
  const folder = shellPath(`${path}.damaged`);
  const text = {
    message: `The present database ${path} is damaged, so d1ops can neither compare it with the snapshot nor take a snapshot of it first: ${reason}. Nothing was changed.`,
    hint: offer(
      "Stop `wrangler dev`, move the database away, and run the same command again",
      `mkdir ${folder} && mv ${files.map(shellPath).join(" ")} ${folder}`,
    ),
  };
  return new OpsError("DATABASE_UNREADABLE", { path, reason }, text, { cause: error });
}

function reasonOf(error: unknown, path: string): string | null {
  if (hasCode(error, "DATABASE_NOT_SQLITE")) return "it is not a SQLite database";
  if (error instanceof OpsError && !SUSPICIOUS.has(error.code)) return null;
  if (!existsSync(path)) return null;
  const [problem] = nullIfThrows(() => examineFile(path))?.problems ?? [];
  return (
    problem
      ?.replace(/\.?\s*$/, "")
      .split("\n")
      .at(-1) ?? null
  );
}

/** The codes of errors that a damaged database causes, among other reasons. */
const SUSPICIOUS: ReadonlySet<string> = new Set(["DATABASE_UNREADABLE", "SNAPSHOT_INCOMPLETE"]);
