/**
 * The flag of the commands that take the lease of a remote database.
 * @module
 */
import type { Command } from "commander";
import type { WriteOptions } from "../commands/options.ts";
import { OpsError } from "../report/error.ts";

export interface LockFlags {
  readonly lockTimeout?: string;
}

export function withLockFlags(command: Command): Command {
  return command
    .optionsGroup("When somebody else runs:")
    .option("--lock-timeout <seconds>", "how long to wait for their run to end (default: 60)");
}

/** @throws OpsError USAGE */
export function lockTimeout({ lockTimeout: text }: LockFlags): Pick<WriteOptions, "lockTimeout"> {
  if (text === undefined) return {};
  const seconds = Number(text);
  if (text.trim() !== "" && Number.isFinite(seconds) && seconds >= 0) {
    return { lockTimeout: seconds };
  }
  throw new OpsError(
    "USAGE",
    { argument: "--lock-timeout" },
    {
      message: `--lock-timeout is ${JSON.stringify(text)}: it has to be a number of seconds.`,
      hint: "--lock-timeout 300 waits five minutes, --lock-timeout 0 not at all.",
    },
  );
}
