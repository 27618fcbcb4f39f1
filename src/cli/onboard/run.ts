/** @module `d1ops onboard run` */
import { Command, Option } from "commander";
import { examples } from "../examples.ts";
import type { Runner } from "../execute.ts";
import { withWriteFlags } from "../shared-flags.ts";
import { amount } from "../parse-number.ts";
import { common, given, type NumberFlags, withNumberFlags } from "./flags.ts";

interface RunFlags extends NumberFlags {
  readonly inputFormat?: "jsonl" | "csv";
  readonly maxFailures?: number;
}

export function onboardRunCommand({ executeWrite }: Runner): Command {
  return withNumberFlags(withWriteFlags(new Command("run")))
    .argument("<file>", "JSON, an object a line, or CSV; - reads the standard input")
    .summary("onboard the tenants of a file")
    .description(
      "Checks the whole file first; then each tenant is onboarded as a whole, or not at all. Run it again: those that are done are left alone.",
    )
    .optionsGroup("How it runs:")
    .addOption(
      new Option("--input-format <f>", "what the file is, where its ending does not say").choices([
        "jsonl",
        "csv",
      ]),
    )
    .option("--max-failures <n>", "stop when more tenants than this have failed", amount)
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
          ...common(flags, terminal),
          onProgress: terminal.onProgress,
          file,
          ...(file === "-" && { input: terminal.input }),
          ...given({ inputFormat, maxFailures }),
        });
      }),
    );
}
