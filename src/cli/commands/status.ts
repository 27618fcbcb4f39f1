/** @module `d1ops status` */
import { Command } from "commander";
import { execute } from "../execute.ts";
import { type Flags, projectOptions, withFlags } from "../flags.ts";

export function statusCommand(): Command {
  return withFlags(new Command("status"))
    .summary("every database of the project, a line each")
    .description(
      "Says for each database of the config what is applied, pending, or wrong. Reads only.",
    )
    .addHelpText("after", "\nExamples:\n  $ d1ops status\n  $ d1ops status --env staging --json\n")
    .action((flags: Flags) =>
      execute(flags, async (terminal) => {
        const { status } = await import("../../commands/status.ts");
        return status({ ...projectOptions(flags), ...terminal.reading });
      }),
    );
}
