/**
 * Before a remote database is changed, somebody has to want it: a person who is asked, or flags that say so.
 * @module
 */
import { offer } from "../report/command.ts";
import { OpsError } from "../report/error.ts";
import type { Finding, Target } from "../report/report.ts";
import { environmentText, count as counted } from "../report/wording.ts";
import { sameCommand } from "./command-line.ts";
import type { Question, WriteOptions } from "./project-options.ts";
import type { AnyProject } from "./project.ts";

type Asking = Pick<AnyProject<WriteOptions>, "verb" | "options">;

/** What is about to happen. */
export interface Intent {
  /** `apply 3 migrations` */
  readonly action: string;
  readonly target: Target;
  readonly account: string | null;
  readonly steps: readonly string[];
  /** What it means for others, each a sentence. */
  readonly notes?: readonly string[];
  /** What it destroys: then a yes is not enough. */
  readonly destructive: readonly Finding[];
  /** How to look first: an offered command. */
  readonly look: string;
}

/** A local database is the developer's own: nobody is asked there. @throws OpsError NOT_CONFIRMED: nothing was changed then */
export async function demandConfirmation(project: Asking, intent: Intent): Promise<void> {
  const { options } = project;
  const refused = (why: string): OpsError => notConfirmed(project, why, intent);
  const { target, destructive } = intent;
  if (target.place === "local") return;
  const severe = destructive.length > 0;
  if (options.confirm !== undefined) {
    if (options.confirm === target.database) return;
    throw refused(
      `--confirm names ${JSON.stringify(options.confirm)}, but the database is ${target.database}.`,
    );
  }
  if (options.yes === true && !severe) return;
  const answer = (await options.ask?.(questionOf(intent))) ?? "not-interactive";
  if (answer === "yes") return;
  if (answer === "no") throw refused("It was not confirmed.");
  const why = severe
    ? `It destroys data (${counted(destructive.length, "statement")}), and --confirm did not name the database.`
    : "There is no terminal to confirm on, and --yes was not given.";
  throw refused(why);
}

function questionOf({ action, target, account, steps, notes = [], destructive }: Intent): Question {
  const shown = steps.slice(0, 20);
  const lines = [
    `About to ${action} on the remote database:`,
    `  database     ${target.database}`,
    `  id           ${target.id}`,
    `  environment  ${environmentText(target)}`,
    ...(account === null ? [] : [`  account      ${account}`]),
    ...shown.map((name) => `  + ${name}`),
    ...(steps.length > shown.length ? [`  … and ${steps.length - shown.length} more`] : []),
    ...[...notes, ...destructive.map(({ message }) => message)].map((line) => `  ! ${line}`),
  ];
  return {
    text: lines.join("\n"),
    type: destructive.length > 0 ? target.database : null,
  };
}

function notConfirmed(project: Asking, why: string, intent: Intent): OpsError {
  const { action, target, notes = [], destructive, look } = intent;
  const flags = destructive.length > 0 ? ["--confirm", target.database] : ["--yes"];
  const lines = [...notes, ...destructive.map(({ message }) => message)];
  return new OpsError(
    "NOT_CONFIRMED",
    { action: project.verb },
    {
      message: `${why} Nothing was changed.${lines.map((line) => `\n- ${line}`).join("")}`,
      hint: `${offer(`To ${action} without a question`, sameCommand(project, ...flags))}\n${look}`,
    },
  );
}
