/** @module Runs the command line in this process. The process ends with the code of the command. */
import { hasPrograms } from "../project/run-program.ts";
import { processHost } from "./host.ts";
import { guardExit, settleExit } from "./exit-guard.ts";
import { wantsJson } from "./print-error.ts";
import { errorFlags, runCli } from "./run-cli.ts";

export async function main(argv: readonly string[]): Promise<void> {
  const host = processHost();
  guardExit(wantsJson(errorFlags(argv)), host.startedAs);
  settleExit(await runCli(argv, host));
  // The report is written, and the process ends by itself: process.exit() can wait for ever for a thread that compiles (decision 57). Only a
  // timer or connection that the program of a backfill left open would keep it running.
  if (hasPrograms()) setTimeout(() => process.exit(), GRACE_MS).unref();
}

/** For what node itself still does when the report is written. */
const GRACE_MS = 100;
