/** @module Confirms a change of a remote database, by a prompt or by flags. */
import { offer } from "../report/command.ts";
import { OpsError } from "../report/error.ts";
import type { Finding, Target } from "../report/report.ts";
import { count, environmentText } from "../report/wording.ts";
import { sameCommand } from "./command-line.ts";
import type { Question, WriteOptions } from "./project-options.ts";
import type { AnyProject } from "./project.ts";

export type ConfirmingProject = Pick<AnyProject<WriteOptions>, "verb" | "options">;

/** What the user confirms. */
export interface Intent {
  /** `apply 3 migrations` */
  readonly action: string;
  readonly target: Target;
  readonly account?: string | null;
  /** The change of a local database needs confirmation, too. */
  readonly localToo?: boolean;
  /** Names, one a line. */
  readonly steps?: readonly string[];
  /** Effects on other users and warnings, each a sentence. */
  readonly notes?: readonly string[];
  /** Finds the destructive statements. If there are any, `--yes` is not enough. Called only if the change needs confirmation. */
  readonly destructive?: () => readonly Finding[];
  /** How to see first what would happen: a command from `offer`. */
  readonly preview: string;
}

/** An intent whose destructive statements are found. */
interface Change extends Omit<Intent, "destructive"> {
  readonly destructive: readonly Finding[];
}

/** A local database needs no confirmation, unless the intent says so. @throws OpsError NOT_CONFIRMED; then nothing was changed */
export async function requireConfirmation(
  project: ConfirmingProject,
  intent: Intent,
): Promise<void> {
  const { options } = project;
  const { target, localToo = false } = intent;
  if (target.place === "local" && !localToo) return;
  const destructive = intent.destructive?.() ?? [];
  const change: Change = { ...intent, destructive };
  const refused = (why: string): OpsError => notConfirmed(project, why, change);
  const severe = destructive.length > 0;
  if (options.confirm !== undefined) {
    if (options.confirm === target.database) return;
    throw refused(
      `--confirm names ${JSON.stringify(options.confirm)}, but the database is ${target.database}.`,
    );
  }
  if (options.yes === true && !severe) return;
  const answer = (await options.ask?.(questionOf(change))) ?? "not-interactive";
  if (answer === "yes") return;
  if (answer === "no") throw refused("The answer was no.");
  const why = severe
    ? `The change destroys data${intent.localToo === true ? "" : ` (${count(destructive.length, "statement")})`}, ${options.yes === true ? "so --yes is not enough: --confirm has to name the database" : "and --confirm did not name the database"}.`
    : "There is no terminal to confirm on, and --yes was not given.";
  throw refused(why);
}

/** What the user confirms if no database changes. */
export interface Deletion {
  /** `delete 3 snapshots of backups` */
  readonly action: string;
  /** What is deleted, one a line. */
  readonly lines: readonly string[];
  /** How to see first what would happen: a command from `offer`. */
  readonly preview: string;
}

/** Always required, also locally. @throws OpsError NOT_CONFIRMED; then nothing was deleted */
export async function requireYes(
  { verb, options }: ConfirmingProject,
  { action, lines, preview }: Deletion,
): Promise<void> {
  if (options.yes === true) return;
  const text = [`About to ${action}:`, ...listed(lines.map((line) => `  - ${line}`))].join("\n");
  const answer = (await options.ask?.({ text, type: null })) ?? "not-interactive";
  if (answer === "yes") return;
  const why =
    answer === "no"
      ? "The answer was no."
      : "There is no terminal to confirm on, and --yes was not given.";
  const message = `${why} Nothing was deleted.`;
  const again = offer(`To ${action} without a prompt`, sameCommand({ verb, options }, "--yes"));
  throw new OpsError("NOT_CONFIRMED", { action: verb }, { message, hint: `${again}\n${preview}` });
}

/** At most 20 lines. */
function listed(lines: readonly string[]): string[] {
  const more = lines.length - MOST_LINES;
  return more > 0 ? [...lines.slice(0, MOST_LINES), `  … and ${more} more`] : [...lines];
}

const MOST_LINES = 20;

function questionOf(change: Change): Question {
  const { action, target, account = null, steps = [], notes = [], destructive } = change;
  const lines = [
    `About to ${action} on the ${target.place} database:`,
    `  database     ${target.database}`,
    `  id           ${target.id}`,
    `  environment  ${environmentText(target)}`,
    ...(account === null ? [] : [`  account      ${account}`]),
    ...listed(steps.map((name) => `  + ${name}`)),
    ...[...notes, ...destructive.map(({ message }) => message)].map((line) => `  ! ${line}`),
  ];
  return {
    text: lines.join("\n"),
    type: destructive.length > 0 ? target.database : null,
  };
}

function notConfirmed(project: ConfirmingProject, why: string, change: Change): OpsError {
  const { action, target, notes = [], destructive, preview } = change;
  const named = destructive.length > 0 || project.options.confirm !== undefined;
  const flags = named ? ["--confirm", target.database] : ["--yes"];
  const lines = [...notes, ...destructive.map(({ message }) => message)];
  const message = `${why} Nothing was changed.${lines.map((line) => `\n- ${line}`).join("")}`;
  const hint = `${offer(`To ${action} without a prompt`, sameCommand(project, ...flags))}\n${preview}`;
  return new OpsError("NOT_CONFIRMED", { action: project.verb }, { message, hint });
}
