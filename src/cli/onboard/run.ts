/** @module `d1ops onboard run` */
import { Command, Option } from "commander";
import type { OnboardRunOptions } from "../../commands/onboard/run.ts";
import type { CommandRunner } from "../execute.ts";
import { amount } from "../parse-number.ts";
import { examples, withWriteFlags } from "../shared-flags.ts";
import { withNumberFlags } from "./flags.ts";

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
        "tenants.jsonl --local --dry-run",
        "tenants.csv --remote --env production",
        "- --input-format jsonl --remote --yes < tenants.txt",
      ),
    )
    .action(
      executeWrite(async () => {
        const { onboardRun } = await import("../../commands/onboard/run.ts");
        return async (options: OnboardRunOptions, terminal) =>
          onboardRun({
            ...options,
            onProgress: terminal.onProgress,
            ...(options.file === "-" && { input: terminal.input }),
          });
      }),
    );
}
