/** @module `d1ops init` */
import { Command } from "commander";
import type { CommandRunner } from "./execute.ts";
import { examples, withConfigFlags, withDryRun } from "./shared-flags.ts";

export function initCommand({ executeWrite }: CommandRunner): Command {
  return withDryRun(withConfigFlags(new Command("init")))
    .summary("write a file of settings, from what the project has")
    .description(
      "Writes d1ops.jsonc beside the wrangler config: settings with comments, from what d1ops finds in the project. It overwrites nothing. d1ops also works without the file.",
    )
    .addHelpText("after", examples("--dry-run", ""))
    .action(executeWrite(async () => (await import("../commands/init.ts")).init));
}
