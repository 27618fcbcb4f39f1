/** @module `d1ops snapshot keys` */
import { Command } from "commander";
import type { SnapshotKeysOptions } from "../../commands/snapshot/keys.ts";
import type { CommandRunner } from "../execute.ts";
import { collect, examples, withFlags, withStoreFlag } from "../shared-flags.ts";

export function snapshotKeysCommand({ executeAddition }: CommandRunner): Command {
  return withStoreFlag(withFlags(new Command("keys")))
    .optionsGroup("What it does with the key:")
    .option(
      "--recipient <age1…>",
      "let this recipient of age unlock the store; repeatable",
      collect,
    )
    .option("--append-only", "print the key that can add snapshots, and read none")
    .summary("list and add keys of an encrypted store")
    .addHelpText(
      "after",
      examples("", "--recipient age1… --identity key.txt", "--append-only --identity key.txt"),
    )
    .action(
      executeAddition(async () => {
        const { snapshotKeys } = await import("../../commands/snapshot/keys.ts");
        return async (options: SnapshotKeysOptions, { askPassphrase }) =>
          snapshotKeys({ ...options, askPassphrase });
      }),
    );
}
