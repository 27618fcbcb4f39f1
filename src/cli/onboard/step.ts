/** @module the steps of `d1ops onboard` */
import { Command, Option } from "commander";
import { OpsError } from "../../report/error.ts";
import { examples } from "../examples.ts";
import type { Runner } from "../execute.ts";
import { projectOptions, withFlags, withWriteFlags } from "../shared-flags.ts";
import { collect, common, given, type NumberFlags, withNumberFlags } from "./flags.ts";

export function stepCommands(runner: Runner): Command[] {
  return [
    startCommand(runner),
    businessCommand(runner),
    agentsCommand(runner),
    assistantCommand(runner),
    knowledgeCommand(runner),
    completeCommand(runner),
    statusCommand(runner),
  ];
}

interface StartFlags extends NumberFlags {
  readonly tenant: string;
  readonly user: string;
  readonly email?: string;
  readonly key?: string;
}

function startCommand({ executeWrite }: Runner): Command {
  return withWriteFlags(new Command("start"))
    .summary("begin the session of a tenant, or find the one that is open")
    .optionsGroup("Who:")
    .requiredOption("--tenant <id>", "the tenant; made where there is none")
    .requiredOption("--user <id>", "its user; made where there is none")
    .option("--email <address>", "of the tenant and its user, where they are new")
    .option("--key <key>", "the same key finds the same session")
    .addHelpText("after", examples("onboard start", "--tenant acme --user ada --local --json"))
    .action((flags: StartFlags) =>
      executeWrite(flags, async (terminal) => {
        const { onboardStart } = await import("../../commands/onboard/start.ts");
        const { tenant, user, email, key } = flags;
        return onboardStart({ ...common(flags, terminal), ...given({ tenant, user, email, key }) });
      }),
    );
}

interface WhoseFlags extends NumberFlags {
  readonly tenant?: string;
  readonly user?: string;
}

/** A step of a session. */
function stepCommand(name: string): Command {
  return sessionCommand(withWriteFlags(new Command(name)));
}

function sessionCommand(command: Command): Command {
  return command
    .argument("<session>", "what start has answered")
    .optionsGroup("Who:")
    .option("--tenant <id>", "it has to be this tenant's")
    .option("--user <id>", "who does it (default: who has begun)");
}

interface BusinessFlags extends WhoseFlags {
  readonly company: string;
  readonly industry: string;
  readonly phone?: string;
  readonly email?: string;
}

function businessCommand({ executeWrite }: Runner): Command {
  return withNumberFlags(stepCommand("business"))
    .summary("who the tenant is, and on which number it is called")
    .optionsGroup("What:")
    .requiredOption("--company <name>", "its name")
    .requiredOption("--industry <sector>", "its sector: real_estate, retail, …")
    .option("--phone <number>", "as people type it; without it the tenant has none")
    .option("--email <address>", "of the tenant; without it, it stays as it is")
    .addHelpText(
      "after",
      examples(
        "onboard business",
        "onb_… --local --company 'Épicerie Zoë' --industry retail --phone '06 39 98 01 02'",
      ),
    )
    .action((session: string, flags: BusinessFlags) =>
      executeWrite(flags, async (terminal) => {
        const { onboardBusiness } = await import("../../commands/onboard/business.ts");
        const { tenant, user, company, industry, phone, email } = flags;
        const words = given({ session, tenant, user, company, industry, phone, email });
        return onboardBusiness({ ...common(flags, terminal), ...words });
      }),
    );
}

function agentsCommand({ executeWrite }: Runner): Command {
  return stepCommand("agents")
    .summary("people to make appointments with, as the sector has them")
    .addHelpText("after", examples("onboard agents", "onb_… --local"))
    .action((session: string, flags: WhoseFlags) =>
      executeWrite(flags, async (terminal) => {
        const { onboardAgents } = await import("../../commands/onboard/agents.ts");
        const { tenant, user } = flags;
        return onboardAgents({ ...common(flags, terminal), ...given({ session, tenant, user }) });
      }),
    );
}

interface AssistantFlags extends WhoseFlags {
  readonly name: string;
  readonly type?: string;
  readonly voice?: string;
  readonly language?: string;
  readonly appointments?: boolean;
  readonly products?: boolean;
}

function assistantCommand({ executeWrite }: Runner): Command {
  return stepCommand("assistant")
    .summary("the agent that answers")
    .optionsGroup("What; left out, it stays as it is:")
    .requiredOption("--name <name>", "what it calls itself")
    .option("--type <type>", "multi_purpose, customer_support, … (default: as the sector)")
    .option("--voice <voice>", "female or male")
    .option("--language <language>", "fr-FR or en-GB")
    .option("--appointments", "it makes appointments")
    .option("--no-appointments", "it makes none")
    .option("--products", "it searches products")
    .option("--no-products", "it does not")
    .addHelpText("after", examples("onboard assistant", "onb_… --local --name Nia --voice female"))
    .action((session: string, flags: AssistantFlags) =>
      executeWrite(flags, async (terminal) => {
        const { onboardAssistant } = await import("../../commands/onboard/assistant.ts");
        const { tenant, user, name, type, voice, language, appointments, products } = flags;
        const words = given({ session, tenant, user, name, type, voice, language });
        const switches = given({ appointments, products });
        return onboardAssistant({ ...common(flags, terminal), ...words, ...switches });
      }),
    );
}

interface KnowledgeFlags extends WhoseFlags {
  readonly document?: readonly string[];
  readonly title?: string;
  readonly none?: boolean;
}

function knowledgeCommand({ executeWrite }: Runner): Command {
  return stepCommand("knowledge")
    .summary("what the agent may read from")
    .optionsGroup("What:")
    .option("--document <file>", "a text file; repeatable", collect)
    .option("--title <title>", "of the document (default: the name of its file)")
    .addOption(new Option("--none", "done without any").conflicts(["document", "title"]))
    .addHelpText(
      "after",
      examples("onboard knowledge", "onb_… --local --document hours.md", "onb_… --local --none"),
    )
    .action((session: string, flags: KnowledgeFlags) =>
      executeWrite(flags, async (terminal) => {
        const { onboardKnowledge } = await import("../../commands/onboard/knowledge.ts");
        const { tenant, user, document = [], title } = flags;
        if (document.length === 0 && flags.none !== true) throw nothingSaid();
        const words = given({ session, tenant, user, title });
        return onboardKnowledge({ ...common(flags, terminal), ...words, documents: document });
      }),
    );
}

function nothingSaid(): OpsError<"USAGE"> {
  return new OpsError(
    "USAGE",
    { argument: "--document" },
    {
      message: "Which documents the agent may read from was not said.",
      hint: "--document FILE, as often as you like; or --none",
    },
  );
}

function completeCommand({ executeWrite }: Runner): Command {
  return stepCommand("complete")
    .summary("the tenant is onboarded; says what is missing where it is not")
    .addHelpText("after", examples("onboard complete", "onb_… --local"))
    .action((session: string, flags: WhoseFlags) =>
      executeWrite(flags, async (terminal) => {
        const { onboardComplete } = await import("../../commands/onboard/complete.ts");
        const { tenant, user } = flags;
        return onboardComplete({ ...common(flags, terminal), ...given({ session, tenant, user }) });
      }),
    );
}

function statusCommand({ execute }: Runner): Command {
  return sessionCommand(withFlags(new Command("status")))
    .summary("how far a session is, and what comes next")
    .addHelpText("after", examples("onboard status", "onb_…", "onb_… --remote --json"))
    .action((session: string, flags: WhoseFlags) =>
      execute(flags, async (terminal) => {
        const { onboardStatus } = await import("../../commands/onboard/status.ts");
        const { tenant, user } = flags;
        return onboardStatus({
          ...projectOptions(flags),
          ...terminal.reading,
          ...given({ session, tenant, user }),
        });
      }),
    );
}
