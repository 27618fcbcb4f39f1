/** @module Runs the command line in this process. The process exits with the code of the command. */
import { hasPrograms } from "../project/run-program.ts";
import { flushed } from "../terminal/streams.ts";
import { processHost } from "./host.ts";
import { guardExit, settleExit } from "./exit-guard.ts";
import { wantsJson } from "./print-error.ts";
import { errorFlags, runCli } from "./run-cli.ts";

export async function main(argv: readonly string[]): Promise<void> {
  const host = processHost();
  guardExit(wantsJson(errorFlags(argv)), host.startedAs);
  settleExit(await runCli(argv, host));
  // The report is written. A timer or connection that the program of a backfill left open would keep the process running.
  if (hasPrograms()) process.exit();
  // Node can crash on Windows if it exits while a connection closes: https://github.com/nodejs/node/issues/56645
  if (process.platform === "win32") return;
  await Promise.all([flushed(host.stdout), flushed(host.stderr)]);
  // Node would free its memory first, which takes a millisecond.
  process.exit();
}
