/**
 * Completes the commands that a report or an error suggests, so that the user can paste them. It adds how d1ops was started, and the flags
 * of the database that the typed command used.
 * @module
 */
import { withText } from "../report/error-class.ts";
import { OpsError } from "../report/error.ts";
import { replaceGit, replaceTyped, shellWord, valueFlag } from "../report/command.ts";
import { textsOf } from "../report/flag.ts";
import type { Check, Finding, Report } from "../report/report.ts";
import { command, replaceCommands, type Verb, VERBS } from "../verbs.ts";
import type { ProjectOptions } from "./project-options.ts";

/** Flags that change what a verb does. Only {@link sameCommand} repeats them. */
const ACTS: Readonly<Record<string, string>> = {
  dryRun: "--dry-run",
  exitCode: "--exit-code",
  release: "--release",
  anew: "--anew",
  withoutBookmark: "--without-bookmark",
  pause: "--pause",
  all: "--all",
  drill: "--drill",
  withoutDatabase: "--without-database",
  via: "--via",
  withoutFiles: "--without-files",
  passphrase: "--passphrase",
  files: "--files",
  filesOnly: "--files-only",
  databaseOnly: "--database-only",
  tables: "--tables",
  withoutBackup: "--without-backup",
  showValues: "--values",
};

/** The typed verb and its options, whose flags {@link complete} adds. */
export interface TypedCommand {
  readonly verb: Verb;
  /** `env` is the resolved environment. */
  readonly options: ProjectOptions;
  /** The project's folder, relative to the current one. Null if it is in no work tree of git. */
  readonly gitFolder?: string | null;
}

/** The typed command without its confirmation, which the user has to give again. */
export function sameCommand({ verb, options }: TypedCommand, ...more: readonly string[]): string {
  const typed = new Map<string, unknown>(Object.entries(options));
  return command(
    verb,
    ...[VERBS[verb].argument ?? []].flat().flatMap((name) => textsOf(typed.get(name))),
    ...Object.entries(ACTS).flatMap(([name, act]) => actOf(act, typed.get(name))),
    ...more,
  );
}

function actOf(flag: string, value: unknown): string[] {
  return value === true ? [flag] : textsOf(value).flatMap((one) => valueFlag(flag, one));
}

/** The typed command about another backfill. */
export function retype({ verb, options }: TypedCommand): (name: string) => string {
  return (name) => {
    const renamed = { ...options, name };
    return sameCommand({ verb, options: renamed });
  };
}

/**
 * Completes every command in the text. Flags that a command already has stay: d1ops adds no second `--db`. If the suggested verb is the
 * typed verb, it gets all typed flags, else the flags that both verbs have.
 */
export function complete(text: string, typed: TypedCommand): string {
  const named = replaceTyped(replaceGit(text, typed.gitFolder ?? null), () => sameCommand(typed));
  return replaceCommands(named, (verb, words) => {
    const own = flagNames(words);
    const ownOnes = ownFlags(verb, typed);
    const placed = VERBS[verb].placeFlag ?? "";
    const isPlaced = own.has(placed) || ownOnes.some(([name = ""]) => nameOf(name) === placed);
    const missing = [...databaseFlags(verb, words, typed.options, isPlaced), ...ownOnes]
      .filter(([name = ""]) => !own.has(nameOf(name)))
      .flatMap((flags) => flags.map(shellWord));
    const first = words.findIndex((word) => word.startsWith("-") && word !== "-");
    const names = first < 0 ? words : words.slice(0, first);
    const given = first < 0 ? [] : words.slice(first);
    return [startedAs(typed.options), verb, ...names, ...missing, ...given].join(" ");
  });
}

/** Completes the commands that the report of a verb suggests. */
export function completeReport(report: Report, typed: TypedCommand): Report {
  return {
    ...report,
    next: report.next.map((text) => complete(text, typed)),
    findings: report.findings.map((finding) =>
      finding.help === undefined ? finding : { ...finding, help: complete(finding.help, typed) },
    ),
    checks: report.checks.map((check) => withHelp(check, (help) => complete(help, typed))),
  };
}

function withHelp(check: Check, change: (help: string) => string): Check {
  const { help } = check.evidence;
  return help === undefined
    ? check
    : { ...check, evidence: { ...check.evidence, help: change(help) } };
}

/** Returns the same error with a completed hint. Returns an error of another kind, or without a command, unchanged. */
export function completeError(error: unknown, typed: TypedCommand): unknown {
  if (!(error instanceof OpsError)) return error;
  const hint = complete(error.hint, typed);
  if (hint === error.hint) return error;
  return withText(error, { message: error.message, hint });
}

/** Adds `--db` to the commands that the finding suggests, for a report about several databases. */
export function findingAtDatabase(finding: Finding, binding: string): Finding {
  const { help } = finding;
  return help === undefined ? finding : { ...finding, help: atDatabase(help, binding) };
}

/** The same for a check. */
export function checkAtDatabase(check: Check, binding: string): Check {
  return withHelp(check, (help) => atDatabase(help, binding));
}

/** Adds `--db` to the commands in the text. */
export function atDatabase(text: string, binding: string): string {
  return replaceCommands(text, (verb, words) =>
    [
      "d1ops",
      verb,
      ...words,
      ...(flagNames(words).has("--db") ? [] : valueFlag("--db", binding).map(shellWord)),
    ].join(" "),
  );
}

function startedAs(options: ProjectOptions): string {
  return options.startedAs ?? "npx d1ops";
}

/** A verb that works on no database needs no place, and a remote database no folder of local state. */
function databaseFlags(
  verb: Verb,
  words: readonly string[],
  { place: typed, env, db, config, persistTo }: ProjectOptions,
  hasPlaceFlag: boolean,
): string[][] {
  const place = typed ?? "local";
  const own = flagNames(words);
  const remote = own.has("--remote") || (!own.has("--local") && place === "remote");
  const { noPlace = false, bothPlaces = false, placeArguments = false } = VERBS[verb];
  const isPlaced = placeArguments && words.some((word) => PLACE.test(word));
  const namesPlace = !noPlace && !hasPlaceFlag && !isPlaced && !(bothPlaces && typed === undefined);
  return [
    ...(!namesPlace || own.has("--remote") || own.has("--local") ? [] : [[`--${place}`]]),
    ...(env === undefined || (env === "" && isOfNoEnvironment(verb, words))
      ? []
      : [valueFlag("--env", env)]),
    ...(db === undefined ? [] : [valueFlag("--db", db)]),
    ...(config === undefined
      ? []
      : [valueFlag(config.startsWith("-") ? "--config" : "-c", config)]),
    ...(persistTo === undefined || remote || !(namesPlace || isPlaced)
      ? []
      : [valueFlag("--persist-to", persistTo)]),
  ];
}

/** True if each database that the words name is the same one in every environment: a file, that of a named environment, a snapshot by its id. */
function isOfNoEnvironment(verb: Verb, words: readonly string[]): boolean {
  const { placeFlag, placeArguments = false } = VERBS[verb];
  if (/^snapshot (?:show|verify)$/.test(verb)) return ID.test(words[0] ?? "");
  if (placeFlag !== undefined) return FIXED.test(words[words.indexOf(placeFlag) + 1] ?? "");
  if (!placeArguments) return false;
  const named = words.slice(0, [VERBS[verb].argument ?? []].flat().length);
  return (
    named.some((word) => FIXED.test(word)) &&
    named.every((word) => FIXED.test(word) || ID.test(word))
  );
}

/** A place that does not depend on the environment. */
const FIXED = /^["']?(?:env|file):/;

/** Of a snapshot. */
const ID = /^[\da-f]{8,64}$/;

/** An argument that is a place, quoted or not. */
const PLACE = /^(?:(?:local|remote)$|["']?(?:env|file):)/;

function ownFlags(verb: Verb, { verb: typedVerb, options }: TypedCommand): (readonly string[])[] {
  const shared = VERBS[typedVerb].flags ?? {};
  const typed = new Map<string, unknown>(Object.entries(options));
  return Object.entries(VERBS[verb].flags ?? {})
    .filter(([name, flag]) => typed.get(name) !== undefined && shared[name] === flag)
    .flatMap(([name, flag]) => flag.write(typed.get(name)));
}

function flagNames(words: readonly string[]): ReadonlySet<string> {
  return new Set(words.filter((word) => word.startsWith("-")).map(nameOf));
}

function nameOf(word: string): string {
  return word
    .replace(/=.*$/s, "")
    .replace(/^--no-/, "--")
    .replace(/^-c$/, "--config");
}
