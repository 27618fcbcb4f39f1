/** @module `d1ops migrate apply` */
import { Command } from "commander";
import { allowances, type PlanFlags, withPlanFlags } from "../plan-flags.ts";
import { bookmarkOptions, type BookmarkFlags, withBookmarkFlags } from "../bookmark-flags.ts";
import { examples } from "../examples.ts";
import type { CommandRunner } from "../execute.ts";
import { lockTimeout, type LockFlags, withLockFlags } from "../lock-flags.ts";
import { projectOptions, withWriteFlags, writeOptions } from "../shared-flags.ts";

export function migrateApplyCommand({ executeWrite }: CommandRunner): Command {
  const apply = withWriteFlags(
    new Command("apply"),
    "confirm destructive migrations too: the name of the database",
  );
  return withBookmarkFlags(withLockFlags(withPlanFlags(apply)))
    .summary("apply pending migrations, one transaction each")
    .description(
      "Applies pending migrations in wrangler's order. Each one, with its ledger rows, is one transaction.",
    )
    .addHelpText(
      "after",
      examples(
        "migrate apply",
        "--local",
        "--local --to 0007 --dry-run",
        "--remote --env staging --yes",
      ),
    )
    .action((flags: PlanFlags & LockFlags & BookmarkFlags) =>
      executeWrite(flags, async (terminal) => {
        const { migrateApply } = await import("../../commands/migrate/apply.ts");
        return migrateApply({
          ...projectOptions(flags),
          ...allowances(flags),
          ...terminal.writing,
          onProgress: terminal.onProgress,
          ...writeOptions(flags),
          ...lockTimeout(flags),
          ...bookmarkOptions(flags),
        });
      }),
    );
}
