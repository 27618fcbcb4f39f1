/** @module `d1ops migrate lock` */
import { Command } from "commander";
import type { CommandRunner } from "../execute.ts";
import { examples, withWriteFlags } from "../shared-flags.ts";

export function migrateLockCommand({ execute, executeWrite }: CommandRunner): Command {
  const load = async () => (await import("../../commands/migrate/lock.ts")).migrateLock;
  const [show, release] = [execute(load), executeWrite(load)];
  return withWriteFlags(new Command("lock"))
    .summary("show the runs of a remote database, and release a lease")
    .description(
      "Shows the lease of a remote database and its last runs. Exit code 1 if a run holds the lease.",
    )
    .optionsGroup("The lease:")
    .option("--release", "end the lease after confirmation: its holder cannot write any more")
    .addHelpText("after", examples("--remote", "--remote --release"))
    .action(async (flags: { readonly release?: boolean }, command: Command) =>
      (flags.release === true ? release : show).call(command),
    );
}
