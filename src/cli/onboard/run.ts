/** @module `d1ops onboard run` */
import { Command, Option } from "commander";
import { examples } from "../examples.ts";
import type { CommandRunner } from "../execute.ts";
import { withWriteFlags } from "../shared-flags.ts";
import { amount } from "../parse-number.ts";
import { type NumberFlags, onboardOptions, withNumberFlags, withoutUndefined } from "./flags.ts";

interface RunFlags extends NumberFlags {
  readonly inputFormat?: "jsonl" | "csv";
  readonly maxFailures?: number;
}

export function onboardRunCommand({ executeWrite }: CommandRunner): Command {
  return withNumberFlags(withWriteFlags(new Command("run")))
    .argument("<file>", "JSON Lines or CSV; - reads the standard input")
    .summary("onboard the tenants of a file")
    .description(
      "Checks the whole file first, then onboards each tenant in one transaction. A second run skips the tenants that are done.",
    )
    .optionsGroup("How it runs:")
    .addOption(
      new Option("--input-format <f>", "format of the file, if its ending does not say").choices([
        "jsonl",
        "csv",
      ]),
    )
    .option("--max-failures <n>", "stop after more than <n> failed tenants", amount)
    .addHelpText(
      "after",
      examples(
        "onboard run",
        "tenants.jsonl --local --dry-run",
        "tenants.csv --remote --env production",
        "- --input-format jsonl --remote --yes < tenants.txt",
      ),
    )
    .action((file: string, flags: RunFlags) =>
      executeWrite(flags, async (terminal) => {
        const { onboardRun } = await import("../../commands/onboard/run.ts");
        const { inputFormat, maxFailures } = flags;
        return onboardRun({
          ...onboardOptions(flags, terminal),
          onProgress: terminal.onProgress,
          file,
          ...(file === "-" && { input: terminal.input }),
          ...withoutUndefined({ inputFormat, maxFailures }),
        });
      }),
    );
}
