/** @module `d1ops onboard knowledge` */
import { type Command, Option } from "commander";
import { OpsError } from "../../report/error.ts";
import { examples } from "../examples.ts";
import type { CommandRunner } from "../execute.ts";
import {
  collect,
  onboardOptions,
  type SessionFlags,
  stepCommand,
  withoutUndefined,
} from "./flags.ts";

interface KnowledgeFlags extends SessionFlags {
  readonly document?: readonly string[];
  readonly title?: string;
  readonly none?: boolean;
}

export function onboardKnowledgeCommand({ executeWrite }: CommandRunner): Command {
  return stepCommand("knowledge")
    .summary("add documents that the agent may read from")
    .optionsGroup("What; --document or --none is required:")
    .option("--document <file>", "text file; repeatable", collect)
    .option("--title <title>", "title of the document (default: its file name)")
    .addOption(
      new Option("--none", "complete the step without documents").conflicts(["document", "title"]),
    )
    .addHelpText(
      "after",
      examples("onboard knowledge", "onb_… --local --document hours.md", "onb_… --local --none"),
    )
    .action((session: string, flags: KnowledgeFlags) =>
      executeWrite(flags, async (terminal) => {
        const { onboardKnowledge } = await import("../../commands/onboard/knowledge.ts");
        const { tenant, user, document: documents = [], title } = flags;
        if (documents.length === 0 && flags.none !== true) throw documentsMissing();
        return onboardKnowledge({
          ...onboardOptions(flags, terminal),
          ...withoutUndefined({ session, tenant, user, title, documents }),
        });
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
