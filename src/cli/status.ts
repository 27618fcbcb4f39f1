/** @module `d1ops status` */
import { Command } from "commander";
import type { CommandRunner } from "./execute.ts";
import { examples, withFlags } from "./shared-flags.ts";

export function statusCommand({ execute }: CommandRunner): Command {
  return withFlags(new Command("status"))
    .summary("show every database of the project in one line each")
    .description(
      "Shows for each database of the config what is applied, pending or wrong. Only reads.",
    )
    .addHelpText("after", examples("", "--env staging --json"))
    .action(execute(async () => (await import("../commands/status.ts")).status));
}
