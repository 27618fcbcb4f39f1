/**
 * Checks every command that d1ops suggests in any test: the real program must accept it, and it must reach the database of the
 * command that suggests it.
 */
import type { ProjectOptions } from "../../src/project/project-options.ts";
import { findProjectSettings, findSettings } from "../../src/project/settings.ts";
import type { ProjectSettings } from "../../src/config/wrangler-settings.ts";
import { typedCommand } from "../../src/report/command.ts";
import { OpsError } from "../../src/report/error.ts";
import type { Report } from "../../src/report/report.ts";
import { replaceCommands } from "../../src/verbs.ts";
import { extract, type Suggestion } from "./extract.ts";
import { parseCommand, type Parsed } from "./parse.ts";

/** The verb and the options that were typed. */
export interface Origin {
  readonly verb: string;
  readonly options: ProjectOptions;
}

/** The parts of a report, or of its JSON, that may contain commands. */
export function textsOf({ next, findings }: Pick<Report, "next" | "findings">): string[] {
  return [...next, ...findings.flatMap(({ help }) => (help === undefined ? [] : [help]))];
}

/** The faults of the commands in the text, one sentence each. `origin` is null if the project could not be resolved. */
export async function faultsIn(
  text: string,
  startedAs: string,
  origin: Origin | null,
): Promise<string[]> {
  const faults = [...wranglerFaults(text)];
  if (text.includes(typedCommand())) faults.push(`it is not completed: ${text}`);
  if (startedAs !== "d1ops") {
    replaceCommands(text, (verb) => {
      faults.push(`\`d1ops ${verb}\` is not completed in: ${text}`);
      return "";
    });
  }
  for (const suggestion of extract(text, startedAs)) {
    const fault = await faultOf(suggestion, origin);
    if (fault !== null) faults.push(`${suggestion.text}\n  ${fault}`);
  }
  return faults;
}

async function faultOf(suggestion: Suggestion, origin: Origin | null): Promise<string | null> {
  const { words, pasteable } = suggestion;
  if (!pasteable) return NOT_ALONE;
  let parsed: Parsed | null;
  try {
    parsed = parseCommand(words);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return parsed === null || origin === null ? null : otherTarget(parsed, origin);
}

const NOT_ALONE = "other text precedes it on its line";

const WRITES =
  /^(migrate apply|migrate lock|backfill run|backfill cancel|snapshot restore|onboard (?!status|init).*)$/;

async function otherTarget(parsed: Parsed, origin: Origin): Promise<string | null> {
  const { verb, options: typed } = origin;
  const wanted = await settingsOf(typed);
  if (wanted === null) return null;
  const { cwd } = typed;
  const base = cwd === undefined ? {} : { cwd };
  const { CLOUDFLARE_ENV: _, ...variables } = typed.variables ?? process.env;
  const found = await settingsOf({ ...base, ...parsed.options, variables });
  if (found === null) return "it does not reach a database";
  // If no environment is chosen, the error of a verb that writes suggests a command per environment.
  const choice =
    (WRITES.test(verb) || verb === "clone") &&
    typed.env === undefined &&
    wanted.env === null &&
    wanted.environments.length > 0;
  if (found.configPath !== wanted.configPath) return `it reads ${found.configPath}`;
  if (!choice && found.env !== wanted.env) return `its environment is ${found.env}`;
  if (
    !choice &&
    !found.databases.every(({ binding }) => wanted.databases.some((one) => one.binding === binding))
  )
    return "its database is another one";
  if (/^(migrate new|onboard init|snapshot (list|show|verify))$/.test(parsed.verb)) return null;
  const { place } = parsed.options;
  if (place === undefined && WRITES.test(parsed.verb) && !parsed.hasPlaceFlag)
    return "it has no place";
  if (place !== "remote" && found.statePath !== wanted.statePath)
    return `its state is in ${found.statePath}`;
  const elsewhere = (place ?? "local") !== (typed.place ?? "local");
  // A command may choose a place, or suggest a dry run. The places of a clone are its arguments.
  const allowed =
    (typed.place === undefined && (WRITES.test(verb) || verb === "clone")) ||
    (place === "local" && parsed.dryRun) ||
    parsed.hasPlaceFlag;
  return elsewhere && !allowed ? `its place is ${place}` : null;
}

/** The settings of the chosen database, or of all databases if none was chosen. */
async function settingsOf(options: ProjectOptions): Promise<ProjectSettings | null> {
  try {
    const { database, ...settings } = await findSettings(options);
    return { ...settings, databases: [database] };
  } catch (error) {
    if (!(error instanceof OpsError)) throw error;
    if (error.code !== "DATABASE_AMBIGUOUS") return null;
    return findProjectSettings(options);
  }
}

/** The flags of wrangler's commands that d1ops suggests. `suggestions.slow.test.ts` compares them with wrangler's help. */
export const WRANGLER: Readonly<Record<string, readonly string[]>> = {
  "d1 time-travel restore": ["--bookmark", "--env", "-c"],
  "d1 time-travel info": ["--timestamp", "--env", "-c"],
  "d1 execute": ["--local", "--remote", "--persist-to", "--file", "--command", "--env", "-c"],
  "d1 create": [],
  "d1 list": [],
  login: [],
};

function wranglerFaults(text: string): string[] {
  return extract(text, "npx wrangler").flatMap(({ text: line, words, pasteable }) => {
    if (!pasteable) return [`${line}\n  ${NOT_ALONE}`];
    const command = Object.keys(WRANGLER).find((one) => words.join(" ").startsWith(one));
    if (command === undefined) return [`${line}\n  no command of wrangler that we know`];
    const known = WRANGLER[command] ?? [];
    return words
      .filter((word) => word.startsWith("-"))
      .map((word) => word.replace(/=.*$/s, ""))
      .filter((flag) => !known.includes(flag))
      .map((flag) => `${line}\n  ${flag} is no flag of wrangler ${command}`);
  });
}

/** The output of a program: its report or error as JSON, or its text. */
export function printedTexts(output: string): string[] {
  const json = parsedJson(output);
  return json === null ? [output] : suggestingStrings(json);
}

function parsedJson(output: string): unknown {
  if (!output.trimStart().startsWith("{")) return null;
  try {
    return JSON.parse(output);
  } catch {
    return null;
  }
}

/** The strings under `next`, `help` and `hint`. */
function suggestingStrings(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, one]: [string, unknown]) =>
    ["next", "help", "hint"].includes(key)
      ? [one].flat().filter((text) => typeof text === "string")
      : suggestingStrings(one),
  );
}
