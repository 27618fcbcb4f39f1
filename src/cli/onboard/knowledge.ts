/** @module `d1ops onboard knowledge` */
import { type Command, Option } from "commander";
import type { OnboardKnowledgeOptions } from "../../commands/onboard/knowledge.ts";
import { OpsError } from "../../report/error.ts";
import type { CommandRunner } from "../execute.ts";
import { collect, examples, RenamedOption } from "../shared-flags.ts";
import { stepCommand } from "./flags.ts";

type KnowledgeFlags = Omit<OnboardKnowledgeOptions, "documents"> &
  Partial<Pick<OnboardKnowledgeOptions, "documents">> & { readonly none?: boolean };

export function onboardKnowledgeCommand({ executeWrite }: CommandRunner): Command {
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
        const { onboardKnowledge } = await import("../../commands/onboard/knowledge.ts");
        return async ({ none, documents = [], ...options }: KnowledgeFlags) => {
          if (documents.length === 0 && none !== true) throw documentsMissing();
          return onboardKnowledge({ ...options, documents });
        };
      }),
    );
}

function documentsMissing(): OpsError<"USAGE"> {
  const message = "The step knowledge needs --document or --none.";
  const hint =
    "Pass --document FILE once per document, or --none to complete the step without documents.";
  return new OpsError("USAGE", { argument: "--document" }, { message, hint });
}
