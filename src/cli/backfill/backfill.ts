/** @module `d1ops backfill` */
import { Command } from "commander";
import { examples } from "../examples.ts";
import { bookmarkOptions, type BookmarkFlags, withBookmarkFlags } from "../bookmark.ts";
import type { Runner } from "../execute.ts";
import {
  type Flags,
  projectOptions,
  withConfigFlags,
  withDryRun,
  withFlags,
  withWriteFlags,
  writeOptions,
} from "../flags.ts";
import { amount, milliseconds } from "../number.ts";

export function backfillCommand(runner: Runner): Command {
  return new Command("backfill")
    .summary("fill, watch and stop the data half of a migration")
    .description(
      "Backfills: files in the folder backfills beside the migrations, run window by window, exactly once.",
    )
    .addCommand(newCommand(runner))
    .addCommand(listCommand(runner))
    .addCommand(runCommand(runner))
    .addCommand(statusCommand(runner))
    .addCommand(cancelCommand(runner));
}

interface NewFlags extends Flags {
  readonly typescript?: boolean;
}

function newCommand({ executeWrite }: Runner): Command {
  return withDryRun(withConfigFlags(new Command("new")))
    .argument("<name>", "what it fills, in a few words; one that ends in .ts is a program")
    .summary("begin a backfill's file, with comments")
    .description(
      "Creates a file in the folder backfills beside the migrations: SQL, or a program. Replace its names of table and columns, and it runs.",
    )
    .optionsGroup("What is begun:")
    .option("--typescript", "a program in TypeScript, for what SQL cannot do")
    .addHelpText("after", examples("backfill new", "fill_phones", "fill_phones --typescript"))
    .action((name: string, flags: NewFlags) =>
      executeWrite(flags, async ({ project }) => {
        const { backfillNew } = await import("../../commands/backfill/new.ts");
        return backfillNew({
          ...projectOptions(flags),
          ...project,
          dryRun: flags.dryRun === true,
          name,
          typescript: flags.typescript === true,
        });
      }),
    );
}

function listCommand({ execute }: Runner): Command {
  return withFlags(new Command("list"))
    .summary("which backfills there are, and how far each is")
    .addHelpText("after", examples("backfill list", "", "--remote --env production"))
    .action((flags: Flags) =>
      execute(flags, async (terminal) => {
        const { backfillList } = await import("../../commands/backfill/status.ts");
        return backfillList({ ...projectOptions(flags), ...terminal.reading });
      }),
    );
}

function statusCommand({ execute }: Runner): Command {
  return withFlags(new Command("status"))
    .argument("[name]", "its name or number; all of them without")
    .summary("how far a backfill is, from wherever it runs")
    .addHelpText("after", examples("backfill status", "", "4 --remote"))
    .action((name: string | undefined, flags: Flags) =>
      execute(flags, async (terminal) => {
        const { backfillStatus } = await import("../../commands/backfill/status.ts");
        return backfillStatus({
          ...projectOptions(flags),
          ...terminal.reading,
          ...(name !== undefined && { name }),
        });
      }),
    );
}

interface RunFlags extends Flags, BookmarkFlags {
  readonly anew?: boolean;
  readonly window?: number;
  readonly target?: number;
  readonly maxWindow?: number;
  readonly pause?: number;
  readonly rate?: number;
  readonly maxRowsWritten?: number;
  readonly budget?: number;
  readonly maxQuarantined?: number;
}

function runCommand({ executeWrite }: Runner): Command {
  return withBookmarkFlags(withWriteFlags(new Command("run")))
    .argument("<name>", "its name or number")
    .summary("run a backfill, from where it was left")
    .description(
      "Goes through the rows window by window, each one exactly once. Stopped or killed at any moment, run it again: it goes on.",
    )
    .optionsGroup("How it runs:")
    .option("--anew", "begin at the start, whatever was done")
    .option("--window <rows>", "rows of the first window (default: 500)", amount)
    .option(
      "--max-window <rows>",
      "rows of a window at most (default: 10000; 50000 locally)",
      amount,
    )
    .option("--target <time>", "how long a window should take (default: 200ms)", milliseconds)
    .option("--pause <time>", "rest between windows: 50ms, 1s", milliseconds)
    .option("--rate <rows>", "rows a second at most; 0: as fast as it goes", amount)
    .optionsGroup("When it stops:")
    .option("--max-rows-written <rows>", "after so many rows written by this run", amount)
    .option("--budget <dollars>", "after this run has cost so much", amount)
    .option("--max-quarantined <rows>", "when more rows than this are in the quarantine", amount)
    .addHelpText(
      "after",
      examples(
        "backfill run",
        "0004_tenant_flags --local --dry-run",
        "4 --remote --rate 500 --budget 5",
      ),
    )
    .action((name: string, flags: RunFlags) =>
      executeWrite(flags, async (terminal) => {
        const { backfillRun } = await import("../../commands/backfill/run.ts");
        const { window, target, maxWindow, pause, rate, maxRowsWritten, budget, maxQuarantined } =
          flags;
        return backfillRun({
          ...projectOptions(flags),
          ...terminal.writing,
          onProgress: terminal.onProgress,
          ...writeOptions(flags),
          name,
          anew: flags.anew === true,
          ...bookmarkOptions(flags),
          ...(window !== undefined && { window }),
          ...(target !== undefined && { targetMs: target }),
          ...(maxWindow !== undefined && { maxWindow }),
          ...(pause !== undefined && { pauseMs: pause }),
          ...(rate !== undefined && { rate }),
          ...(maxRowsWritten !== undefined && { maxRowsWritten }),
          ...(budget !== undefined && { budget }),
          ...(maxQuarantined !== undefined && { maxQuarantined }),
        });
      }),
    );
}

interface CancelFlags extends Flags {
  readonly pause?: boolean;
  readonly rate?: number;
}

function cancelCommand({ executeWrite }: Runner): Command {
  return withDryRun(withFlags(new Command("cancel")))
    .argument("<name>", "its name or number")
    .summary("stop a backfill at its next window, or slow it down")
    .optionsGroup("What is meant:")
    .option("--pause", "only stop it: the next run goes on where it was")
    .option("--rate <rows>", "do not stop it: so many rows a second; 0: as fast as it goes", amount)
    .addHelpText(
      "after",
      examples("backfill cancel", "4 --remote --pause", "4 --remote --rate 100"),
    )
    .action((name: string, flags: CancelFlags) =>
      executeWrite(flags, async (terminal) => {
        const { backfillCancel } = await import("../../commands/backfill/cancel.ts");
        return backfillCancel({
          ...projectOptions(flags),
          ...terminal.writing,
          ...writeOptions(flags),
          name,
          pause: flags.pause === true,
          ...(flags.rate !== undefined && { rate: flags.rate }),
        });
      }),
    );
}
