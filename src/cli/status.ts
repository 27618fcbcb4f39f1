/** @module `d1ops status` */
import { Command } from "commander";
import { examples } from "./examples.ts";
import type { Runner } from "./execute.ts";
import { type Flags, projectOptions, withFlags } from "./shared-flags.ts";

export function statusCommand({ execute }: Runner): Command {
  return withFlags(new Command("status"))
    .summary("every database of the project, a line each")
    .description(
      "Says for each database of the config what is applied, pending, or wrong. Reads only.",
    )
    .addHelpText("after", examples("status", "", "--env staging --json"))
    .action((flags: Flags) =>
      execute(flags, async (terminal) => {
        const { status } = await import("../commands/status.ts");
        return status({ ...projectOptions(flags), ...terminal.reading });
      }),
    );
}
