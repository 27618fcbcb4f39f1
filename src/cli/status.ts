/** @module `d1ops status` */
import { Command } from "commander";
import { examples } from "./examples.ts";
import type { CommandRunner } from "./execute.ts";
import { type Flags, projectOptions, withFlags } from "./shared-flags.ts";

export function statusCommand({ execute }: CommandRunner): Command {
  return withFlags(new Command("status"))
    .summary("show every database of the project in one line each")
    .description(
      "Shows for each database of the config what is applied, pending or wrong. Only reads.",
    )
    .addHelpText("after", examples("status", "", "--env staging --json"))
    .action((flags: Flags) =>
      execute(flags, async (terminal) => {
        const { status } = await import("../commands/status.ts");
        return status({ ...projectOptions(flags), ...terminal.reading });
      }),
    );
}
