/** @module A verb that writes requires a place, and an environment if the config has environments. */
import type { ProjectSettings } from "../config/wrangler-settings.ts";
import { offer } from "../report/command.ts";
import { OpsError } from "../report/error.ts";
import { sameCommand, type TypedCommand } from "./command-line.ts";
import type { ProjectOptions } from "./project-options.ts";
import { findSettings } from "./settings.ts";

const PLACES = [
  { flag: "--local", text: "The database that wrangler dev uses" },
  { flag: "--remote", text: "The database at Cloudflare" },
] as const;

interface EnvironmentChoice {
  readonly flags: readonly string[];
  /** `environment staging`. Null if there are no environments. */
  readonly text: string | null;
}

/** @throws OpsError PLACE_MISSING, ENVIRONMENT_MISSING */
export async function requirePlace(
  { verb, options }: TypedCommand,
  { environments, knownEnvironments, env }: ProjectSettings,
): Promise<void> {
  const unnamed = environments.length > 0 && env === null && options.env === undefined;
  const choices = unnamed
    ? await environmentChoices(knownEnvironments, options)
    : [{ flags: [], text: null }];
  if (options.place === undefined) throw placeMissing({ verb, options }, choices);
  if (unnamed) throw environmentMissing({ verb, options }, knownEnvironments, choices);
}

function placeMissing(typed: TypedCommand, choices: readonly EnvironmentChoice[]): OpsError {
  const { verb } = typed;
  const lines = PLACES.flatMap((place) =>
    choices.map(({ flags, text }) =>
      offer(
        text === null ? place.text : `${place.text} (${text})`,
        sameCommand(typed, place.flag, ...flags),
      ),
    ),
  );
  const message = `\`${verb}\` changes a database, and neither --local nor --remote was given.`;
  const hint = lines.join("\n");
  return new OpsError("PLACE_MISSING", { command: verb }, { message, hint });
}

function environmentMissing(
  typed: TypedCommand,
  known: readonly string[],
  choices: readonly EnvironmentChoice[],
): OpsError {
  const { verb } = typed;
  const message = `\`${verb}\` changes a database, the config has environments (${known.join(", ")}), and --env was not given.`;
  const hint = choices
    .map(({ flags, text }) => offer(`The ${text ?? ""}`, sameCommand(typed, ...flags)))
    .join("\n");
  return new OpsError("ENVIRONMENT_MISSING", { known: [...known] }, { message, hint });
}

const MOST = 6;

/** The environments that have the database, and the top level. */
async function environmentChoices(
  environments: readonly string[],
  options: ProjectOptions,
): Promise<EnvironmentChoice[]> {
  const found: EnvironmentChoice[] = [];
  for (const env of environments) {
    if (found.length === MOST - 1) break;
    if (await hasDatabase({ ...options, env })) {
      found.push({ flags: ["--env", env], text: `environment ${env}` });
    }
  }
  return [...found, { flags: ["--env", ""], text: "top level of the config" }];
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
