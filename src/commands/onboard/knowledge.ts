/**
 * `onboard knowledge`: what the tenant's agent knows.
 * @module
 */
import * as kinds from "../../options/kinds.ts";
import { optional } from "../../options/kinds.ts";
import { optionsOf } from "../../options/check-options.ts";
import type { Report } from "../../report/report.ts";
import { readDocument } from "./documents.ts";
import { usage } from "./options.ts";
import { continueSession } from "./step.ts";
import { type OnboardSessionOptions, SESSION } from "./whose.ts";

export interface OnboardKnowledgeOptions extends OnboardSessionOptions {
  /** Paths, relative to `cwd`; none: the step is done without any. */
  readonly documents: readonly string[];
  /** Of the only document. Default: the name of its file. */
  readonly title?: string;
}

const readOptions = optionsOf<OnboardKnowledgeOptions>("onboardKnowledge", {
  ...SESSION,
  documents: kinds.listOf(kinds.path),
  title: optional(kinds.text),
});

export async function onboardKnowledge(given: OnboardKnowledgeOptions): Promise<Report> {
  const options = readOptions(given);
  const { session, documents, title, cwd = process.cwd() } = options;
  if (title !== undefined && documents.length !== 1) {
    throw usage("--title", "it is of one document", "--document hours.md --title 'Opening hours'");
  }
  const input = { documents: documents.map((path) => readDocument(path, cwd, title)) };
  return continueSession("knowledge", options, async (onboarding, caller) =>
    onboarding.addKnowledge(caller, session, input),
  );
}
