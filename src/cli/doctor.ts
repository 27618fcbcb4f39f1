/** @module `d1ops doctor` */
import { Command } from "commander";
import { examples } from "./examples.ts";
import type { Runner } from "./execute.ts";
import { type Flags, projectOptions, withFlags } from "./shared-flags.ts";

export function doctorCommand({ execute }: Runner): Command {
  return withFlags(new Command("doctor"))
    .summary("what is wrong with the surroundings, and what to type")
    .description(
      "Checks node, wrangler, the config, the migrations folder, the local database and its ledger. Reads only.",
    )
    .addHelpText("after", examples("doctor", "", "--env staging"))
    .action((flags: Flags) =>
      execute(flags, async (terminal) => {
        const { doctor } = await import("../commands/doctor.ts");
        return doctor({ ...projectOptions(flags), ...terminal.reading });
      }),
    );
}
