/** @module `d1ops migrate status` */
import { Command } from "commander";
import { examples } from "../examples.ts";
import type { Runner } from "../execute.ts";
import { type Flags, projectOptions, withFlags } from "../flags.ts";

export function migrateStatusCommand({ execute }: Runner): Command {
  return withFlags(new Command("status"))
    .summary("which migrations are applied, pending, changed or missing")
    .description(
      "Compares the files with the ledger. Reads only. Exit 1 where something does not fit.",
    )
    .optionsGroup("What the exit code says:")
    .option("--exit-code", "exit 1 when migrations are pending")
    .addHelpText("after", examples("migrate status", "", "--json | jq .data.pending"))
    .action((flags: Flags & { exitCode?: boolean }) =>
      execute(flags, async (terminal) => {
        const { migrateStatus } = await import("../../commands/migrate/status.ts");
        return migrateStatus({
          ...projectOptions(flags),
          ...terminal.reading,
          exitCode: flags.exitCode === true,
        });
      }),
    );
}
