/** @module `d1ops onboard` */
import { Command, Option } from "commander";
import { execute } from "../execute.ts";
import { type Flags, projectOptions, withFlags, writeOptions } from "../flags.ts";
import { amount } from "../number.ts";

export function onboardCommand(): Command {
  return new Command("onboard")
    .summary("sign tenants up: one step by step, or thousands from a file")
    .description(
      "Onboarding: each step writes once, as a whole, and can be done again; no number is taken from anybody.",
    )
    .addCommand(runCommand());
}

interface NumberFlags extends Flags {
  readonly country?: string;
  readonly reserved?: readonly string[];
}

function withNumberFlags(command: Command): Command {
  return command
    .optionsGroup("Phone numbers:")
    .option("--country <code>", "of numbers without a country's code (default: FR)")
    .option("--reserved <number>", "one that no tenant may have; repeatable", collect);
}

function collect(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value];
}

function numberOptions({ country, reserved }: NumberFlags): {
  readonly country?: string;
  readonly reserved?: readonly string[];
} {
  return { ...(country !== undefined && { country }), ...(reserved !== undefined && { reserved }) };
}

interface RunFlags extends NumberFlags {
  readonly inputFormat?: "jsonl" | "csv";
  readonly maxFailures?: number;
}

function runCommand(): Command {
  return withNumberFlags(withFlags(new Command("run")))
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
      "\nExamples:\n  $ d1ops onboard run tenants.jsonl --local --dry-run\n  $ d1ops onboard run tenants.csv --remote --env production\n  $ make-tenants | d1ops onboard run - --input-format jsonl --remote --yes\n",
    )
    .action((file: string, flags: RunFlags) =>
      execute(flags, async (terminal) => {
        const { onboardRun } = await import("../../commands/onboard-run.ts");
        const { inputFormat, maxFailures } = flags;
        return onboardRun({
          ...projectOptions(flags),
          ...terminal,
          ...writeOptions(flags),
          ...numberOptions(flags),
          file,
          ...(inputFormat !== undefined && { inputFormat }),
          ...(maxFailures !== undefined && { maxFailures }),
        });
      }),
    );
}
