/**
 * Before a remote database is changed, somebody has to want it: a person who is asked, or flags that say so.
 * @module
 */
import { OpsError } from "../report/error.ts";
import type { Finding, Target } from "../report/report.ts";
import type { Question, WriteOptions } from "./options.ts";

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
  /** How to look first. */
  readonly look: string;
}

/** @throws OpsError NOT_CONFIRMED: nothing was changed then */
export async function demandConfirmation(
  command: string,
  intent: Intent,
  options: WriteOptions,
): Promise<void> {
  const { target, destructive } = intent;
  const severe = destructive.length > 0;
  if (options.confirm !== undefined) {
    if (options.confirm === target.database) return;
    throw refused(
      command,
      `--confirm says ${JSON.stringify(options.confirm)}, and the database is ${target.database}.`,
      intent,
    );
  }
  if (options.yes === true && !severe) return;
  const answer = (await options.ask?.(questionOf(intent))) ?? "not-interactive";
  if (answer === "yes") return;
  if (answer === "no") throw refused(command, "It was not confirmed.", intent);
  const why = severe
    ? `It destroys something (${destructive.length === 1 ? "1 statement" : `${destructive.length} statements`}), and was not confirmed by the database's name.`
    : "Nobody is here to be asked, and --yes was not given.";
  throw refused(command, why, intent);
}

function questionOf({ action, target, account, steps, notes = [], destructive }: Intent): Question {
  const shown = steps.slice(0, 20);
  const lines = [
    `About to ${action} on the remote database:`,
    `  database     ${target.database}`,
    `  id           ${target.id}`,
    `  environment  ${target.env ?? "(top level)"}`,
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

function refused(command: string, why: string, intent: Intent): OpsError {
  const { action, target, notes = [], destructive, look } = intent;
  const flag = destructive.length > 0 ? `--confirm ${target.database}` : "--yes";
  const lines = [...notes, ...destructive.map(({ message }) => message)];
  return new OpsError(
    "NOT_CONFIRMED",
    { action: command },
    {
      message: `${why} Nothing was changed.${lines.map((line) => `\n- ${line}`).join("")}`,
      hint: `To ${action} (${target.database}) without being asked: ${flag}.\n${look}`,
    },
  );
}
