/**
 * The command line of this process: until it has reported, the process fails; then its exit code is the command's.
 * @module
 */
import { hasPrograms } from "../project/run-program.ts";
import { processHost } from "./host.ts";
import { presumeFailure, settle } from "./exit-guard.ts";
import { wantsJson } from "./print-error.ts";
import { errorFlags, run } from "./run-cli.ts";

export async function main(argv: readonly string[]): Promise<void> {
  const host = processHost();
  presumeFailure(wantsJson(errorFlags(argv)), host.startedAs);
  settle(await run(argv, host));
  // All is written. A timer or a connection that a backfill's program has left open would keep the process waiting.
  if (hasPrograms()) process.exit();
}
