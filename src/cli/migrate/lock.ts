/** @module `d1ops migrate lock` */
import { Command } from "commander";
import { examples } from "../examples.ts";
import type { CommandRunner } from "../execute.ts";
import { type Flags, projectOptions, withWriteFlags, writeOptions } from "../shared-flags.ts";

interface LockFlags extends Flags {
  readonly release?: boolean;
}

export function migrateLockCommand({ execute, executeWrite }: CommandRunner): Command {
  return withWriteFlags(new Command("lock"))
    .summary("show the runs of a remote database, and release a lease")
    .description(
      "Shows the lease of a remote database and its last runs. Exit code 1 if a run holds the lease.",
    )
    .optionsGroup("The lease:")
    .option("--release", "end the lease after confirmation: its holder cannot write any more")
    .addHelpText("after", examples("migrate lock", "--remote", "--remote --release"))
    .action((flags: LockFlags) =>
      (flags.release === true ? executeWrite : execute)(flags, async (terminal) => {
        const { migrateLock } = await import("../../commands/migrate/lock.ts");
        return migrateLock({
          ...projectOptions(flags),
          ...terminal.writing,
          ...writeOptions(flags),
          release: flags.release === true,
        });
      }),
    );
}
