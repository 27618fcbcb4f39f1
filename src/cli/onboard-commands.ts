/**
 * `d1ops onboard`: the flags of its commands.
 * @module
 */
import { Command, Option } from "commander";
import type { OnboardKnowledgeOptions } from "../commands/onboard/knowledge.ts";
import type { OnboardRunOptions } from "../commands/onboard/run.ts";
import { OpsError } from "../report/error.ts";
import type { Group } from "./command-group.ts";
import { examples } from "./examples.ts";
import type { CommandRunner } from "./execute.ts";
import { amount } from "./parse-number.ts";
import {
  collect,
  RenamedOption,
  withConfigFlags,
  withDryRun,
  withFlags,
  withWriteFlags,
} from "./shared-flags.ts";

export const ONBOARD: Group = {
  summary: "sign tenants up, step by step or thousands from a file",
  description:
    "Onboards tenants. Each step is one transaction and can run again. No tenant takes another tenant's number.",
  commands: {
    init: onboardInitCommand,
    start: onboardStartCommand,
    business: onboardBusinessCommand,
    agents: onboardAgentsCommand,
    assistant: onboardAssistantCommand,
    knowledge: onboardKnowledgeCommand,
    complete: onboardCompleteCommand,
    status: onboardStatusCommand,
    run: onboardRunCommand,
  },
};

function onboardInitCommand({ executeWrite }: CommandRunner): Command {
  return withDryRun(withConfigFlags(new Command("init")))
    .summary("copy onboarding's migrations into the project")
    .description(
      "Copies the migrations that create onboarding's tables into the migrations folder. It numbers them after the project's own and overwrites nothing. A second run copies only what is missing.",
    )
    .addHelpText("after", examples("--dry-run", ""))
    .action(executeWrite(async () => (await import("../commands/onboard/init.ts")).onboardInit));
}

function onboardStartCommand({ executeWrite }: CommandRunner): Command {
  return withWriteFlags(new Command("start"))
    .summary("start the session of a tenant, or resume the open one")
    .optionsGroup("Tenant and user:")
    .requiredOption("--tenant <id>", "tenant; created if it does not exist (required)")
    .requiredOption("--user <id>", "user of the tenant; created if it does not exist (required)")
    .option("--email <address>", "address of a new tenant and its new user")
    .option("--key <key>", "idempotency key: the same key finds the same session")
    .addHelpText("after", examples("--tenant acme --user ada --local --json"))
    .action(executeWrite(async () => (await import("../commands/onboard/start.ts")).onboardStart));
}

function onboardBusinessCommand({ executeWrite }: CommandRunner): Command {
  return withNumberFlags(stepCommand("business"))
    .summary("save the tenant's business and phone number")
    .optionsGroup("The business:")
    .requiredOption("--company <name>", "company name (required)")
    .requiredOption("--industry <sector>", "sector: real_estate, retail, … (required)")
    .option("--phone <number>", "phone number in any usual form; without it the tenant has none")
    .option("--email <address>", "address of the tenant; without it, it does not change")
    .addHelpText(
      "after",
      examples("onb_… --local --company 'Épicerie Zoë' --industry retail --phone '06 39 98 01 02'"),
    )
    .action(
      executeWrite(async () => (await import("../commands/onboard/business.ts")).onboardBusiness),
    );
}

function onboardAgentsCommand({ executeWrite }: CommandRunner): Command {
  return stepCommand("agents")
    .summary("create the people to make appointments with, as usual in the sector")
    .addHelpText("after", examples("onb_… --local"))
    .action(
      executeWrite(async () => (await import("../commands/onboard/agents.ts")).onboardAgents),
    );
}

function onboardAssistantCommand({ executeWrite }: CommandRunner): Command {
  return stepCommand("assistant")
    .summary("configure the agent that answers")
    .optionsGroup("The agent (an omitted flag changes nothing; --name is required):")
    .requiredOption("--name <name>", "name of the agent (required)")
    .option("--type <type>", "multi_purpose, customer_support, … (default: by sector)")
    .option("--voice <voice>", "female or male")
    .option("--language <language>", "fr-FR or en-GB")
    .option("--appointments", "let it make appointments")
    .option("--no-appointments", "do not let it make appointments")
    .option("--products", "let it search products")
    .option("--no-products", "do not let it search products")
    .addHelpText("after", examples("onb_… --local --name Nia --voice female"))
    .action(
      executeWrite(async () => (await import("../commands/onboard/assistant.ts")).onboardAssistant),
    );
}

type KnowledgeFlags = Omit<OnboardKnowledgeOptions, "documents"> &
  Partial<Pick<OnboardKnowledgeOptions, "documents">> & { readonly none?: boolean };

function onboardKnowledgeCommand({ executeWrite }: CommandRunner): Command {
  return stepCommand("knowledge")
    .summary("add documents that the agent may read from")
    .optionsGroup("The documents (--document or --none is required):")
    .addOption(
      new RenamedOption("documents", "--document <file>", "text file; repeatable").argParser(
        collect,
      ),
    )
    .option("--title <title>", "title of the document (default: its file name)")
    .addOption(
      new Option("--none", "complete the step without documents").conflicts(["documents", "title"]),
    )
    .addHelpText("after", examples("onb_… --local --document hours.md", "onb_… --local --none"))
    .action(
      executeWrite(async () => {
        const { onboardKnowledge } = await import("../commands/onboard/knowledge.ts");
        return async ({ none, documents = [], ...options }: KnowledgeFlags) => {
          if (documents.length === 0 && none !== true) throw documentsMissing();
          return onboardKnowledge({ ...options, documents });
        };
      }),
    );
}

function documentsMissing(): OpsError<"USAGE"> {
  return new OpsError(
    "USAGE",
    { argument: "--document" },
    {
      message: "--document is missing, and so is --none.",
      hint: "Pass --document FILE once per document, or --none.",
    },
  );
}

function onboardCompleteCommand({ executeWrite }: CommandRunner): Command {
  return stepCommand("complete")
    .summary("end the session, or report which steps are missing")
    .addHelpText("after", examples("onb_… --local"))
    .action(
      executeWrite(async () => (await import("../commands/onboard/complete.ts")).onboardComplete),
    );
}

function onboardStatusCommand({ execute }: CommandRunner): Command {
  return withSession(withFlags(new Command("status")))
    .summary("show the steps of a session, and the next one")
    .addHelpText("after", examples("onb_…", "onb_… --remote --json"))
    .action(execute(async () => (await import("../commands/onboard/status.ts")).onboardStatus));
}

function onboardRunCommand({ executeWrite }: CommandRunner): Command {
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
        const { onboardRun } = await import("../commands/onboard/run.ts");
        return async (options: OnboardRunOptions, terminal) =>
          onboardRun({
            ...options,
            onProgress: terminal.onProgress,
            ...(options.file === "-" && { input: terminal.input }),
          });
      }),
    );
}

function withNumberFlags(command: Command): Command {
  return command
    .optionsGroup("Phone numbers:")
    .option("--country <code>", "country of numbers without a country code (default: FR)")
    .option("--reserved <number>", "number that no tenant may have; repeatable", collect);
}

function withSession(command: Command): Command {
  return command
    .argument("<session>", "session id that start has printed")
    .optionsGroup("Tenant and user:")
    .option("--tenant <id>", "fail if the session is another tenant's")
    .option("--user <id>", "user who does it (default: the user who started)");
}

/** A step of an existing session. */
function stepCommand(name: string): Command {
  return withSession(withWriteFlags(new Command(name)));
}
