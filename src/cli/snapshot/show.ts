/** @module `d1ops snapshot show` */
import { Command } from "commander";
import type { SnapshotShowOptions } from "../../commands/snapshot/show.ts";
import type { CommandRunner } from "../execute.ts";
import { examples, withFlags, withStoreFlag } from "../shared-flags.ts";

export function snapshotShowCommand({ execute }: CommandRunner): Command {
  return withStoreFlag(withFlags(new Command("show")))
    .argument("<id>", "the beginning of its id, or latest")
    .summary("show the tables and files of a snapshot")
    .addHelpText("after", examples("latest", "2f3a51c0 --json"))
    .action(
      execute(async () => {
        const { snapshotShow } = await import("../../commands/snapshot/show.ts");
        return async (options: SnapshotShowOptions, { askPassphrase }) =>
          snapshotShow({ ...options, askPassphrase });
      }),
    );
}
