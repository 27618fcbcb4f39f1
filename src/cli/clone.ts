/** @module `d1ops clone` */
import { Command } from "commander";
import type { CloneOptions } from "../commands/clone/options.ts";
import type { CommandRunner } from "./execute.ts";
import { examples, withBookmarkFlags, withCloneFlags, withStoreFlag } from "./shared-flags.ts";

export function cloneCommand({ executeWrite }: CommandRunner): Command {
  return withBookmarkFlags(withStoreFlag(withCloneFlags(new Command("clone"))))
    .argument("<from>", "local, remote, env:NAME, file:PATH.sqlite or snapshot:ID")
    .argument("<to>", "local, env:NAME (never production) or file:PATH.sqlite")
    .option("--without-backup", "take no snapshot of the state before the clone")
    .optionsGroup("What it copies:")
    .option(
      "--mask <file>",
      "masks of columns, such as e-mail addresses and names (default: masks of d1ops.jsonc)",
    )
    .summary("replace a database by a copy of another one, with masked columns")
    .addHelpText(
      "after",
      examples(
        "remote local --mask masks.jsonc --dry-run",
        "remote env:staging --mask masks.jsonc --dry-run",
        "snapshot:latest file:copy.sqlite",
      ),
    )
    .action(
      executeWrite(async () => {
        const { clone } = await import("../commands/clone.ts");
        return async (options: CloneOptions, { onProgress, askPassphrase }) =>
          clone({ ...options, onProgress, askPassphrase });
      }),
    );
}
