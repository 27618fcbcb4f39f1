/** @module `d1ops snapshot list` */
import { Command } from "commander";
import type { SnapshotOptions } from "../../commands/snapshot/snapshot-options.ts";
import type { CommandRunner } from "../execute.ts";
import { examples, withFlags, withStoreFlag } from "../shared-flags.ts";

export function snapshotListCommand({ execute }: CommandRunner): Command {
  return withStoreFlag(withFlags(new Command("list")))
    .summary("list the snapshots, newest first")
    .addHelpText("after", examples("", "--db DB --json"))
    .action(
      execute(async () => {
        const { snapshotList } = await import("../../commands/snapshot/list.ts");
        return async (options: SnapshotOptions, { askPassphrase }) =>
          snapshotList({ ...options, askPassphrase });
      }),
    );
}
