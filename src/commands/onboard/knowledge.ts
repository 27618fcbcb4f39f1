/** @module `onboard knowledge`: adds documents that the tenant's agent may read from. */
import * as kinds from "../../options/kinds.ts";
import { optionsOf } from "../../options/check-options.ts";
import { cwdOf } from "../../project/settings.ts";
import type { Report } from "../../report/report.ts";
import { readDocument } from "./documents.ts";
import { usage } from "./options.ts";
import { runSessionStep } from "./step.ts";
import { type OnboardSessionOptions, SESSION } from "./session-options.ts";

export interface OnboardKnowledgeOptions extends OnboardSessionOptions {
  /** Paths, relative to `cwd`. An empty list completes the step without documents. */
  readonly documents: readonly string[];
  /** The title of a single document. Default: its file name. */
  readonly title?: string;
}

const readOptions = optionsOf<OnboardKnowledgeOptions>("onboardKnowledge", {
  ...SESSION,
  documents: kinds.listOf(kinds.path),
  title: kinds.optional(kinds.text),
});

export async function onboardKnowledge(given: OnboardKnowledgeOptions): Promise<Report> {
  const options = readOptions(given);
  const { session, documents, title } = options;
  if (title !== undefined && documents.length !== 1) {
    const example = "--document hours.md --title 'Opening hours'";
    throw usage("--title", "it requires exactly one document", example);
  }
  const input = {
    documents: documents.map((path) => readDocument(path, cwdOf(options), title)),
  };
  return runSessionStep("knowledge", options, async (onboarding, caller) =>
    onboarding.addKnowledge(caller, session, input),
  );
}
