/**
 * The flag of the commands that take the lease of a remote database.
 * @module
 */
import type { Command } from "commander";
import type { WriteOptions } from "../project/project-options.ts";
import { amount } from "./parse-number.ts";

export interface LockFlags {
  readonly lockTimeout?: number;
}

export function withLockFlags(command: Command): Command {
  return command
    .optionsGroup("If another run holds the lease:")
    .option(
      "--lock-timeout <seconds>",
      "how long to wait for the other run; 0: do not wait (default: 60)",
      amount,
    );
}

export function lockTimeout({
  lockTimeout: seconds,
}: LockFlags): Pick<WriteOptions, "lockTimeout"> {
  return seconds === undefined ? {} : { lockTimeout: seconds };
}
