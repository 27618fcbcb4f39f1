/**
 * A verb that writes never guesses: it requires a place, and an environment where the config has some.
 * @module
 */
import type { ProjectSettings } from "../config/wrangler-settings.ts";
import { offer } from "../report/command.ts";
import { OpsError } from "../report/error.ts";
import { sameCommand, type TypedCommand } from "./command-line.ts";
import type { ProjectOptions } from "./project-options.ts";
import { findSettings } from "./settings.ts";

const PLACES = [
  { flag: "--local", what: "The database that wrangler dev uses" },
  { flag: "--remote", what: "The one at Cloudflare" },
] as const;

/** @throws OpsError PLACE_MISSING, ENVIRONMENT_MISSING */
export async function demandPlace(
  { verb, options }: TypedCommand,
  { environments, knownEnvironments, env }: ProjectSettings,
): Promise<void> {
  const unnamed = environments.length > 0 && env === null && options.env === undefined;
  const choices = unnamed ? await environmentChoices(knownEnvironments, options) : [[]];
  if (options.place === undefined) throw placeMissing({ verb, options }, choices);
  if (unnamed) throw environmentMissing({ verb, options }, knownEnvironments, choices);
}

function placeMissing(typed: TypedCommand, choices: readonly string[][]): OpsError {
  const { verb } = typed;
  const lines = PLACES.flatMap(({ flag, what }) =>
    choices.map((words) =>
      offer([what, ...choiceText(words)].join(", "), sameCommand(typed, flag, ...words)),
    ),
  );
  return new OpsError(
    "PLACE_MISSING",
    { command: verb },
    {
      message: `\`${verb}\` changes a database, and neither --local nor --remote was given.`,
      hint: lines.join("\n"),
    },
  );
}

function environmentMissing(
  typed: TypedCommand,
  known: readonly string[],
  choices: readonly string[][],
): OpsError {
  const { verb } = typed;
  return new OpsError(
    "ENVIRONMENT_MISSING",
    { known: [...known] },
    {
      message: `\`${verb}\` changes a database, the config has environments (${known.join(", ")}), and --env was not given.`,
      hint: choices
        .map((words) => offer(choiceText(words).join(""), sameCommand(typed, ...words)))
        .join("\n"),
    },
  );
}

const MOST = 6;

/** The environments that have the database, and the top level, as flags. */
async function environmentChoices(
  environments: readonly string[],
  options: ProjectOptions,
): Promise<string[][]> {
  const found: string[][] = [];
  for (const env of environments) {
    if (found.length === MOST - 1) break;
    if (await hasDatabase({ ...options, env })) found.push(["--env", env]);
  }
  return [...found, ["--env", ""]];
}

async function hasDatabase(options: ProjectOptions): Promise<boolean> {
  try {
    await findSettings(options);
    return true;
  } catch (error) {
    if (error instanceof OpsError) return false;
    throw error;
  }
}

function choiceText([, env]: readonly string[]): string[] {
  if (env === undefined) return [];
  return [env === "" ? "the top level of the config" : `the environment ${env}`];
}
