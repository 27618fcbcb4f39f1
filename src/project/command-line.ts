/**
 * Completes the commands that a report or an error suggests, so that the user can paste them. It adds how d1ops was started, and the flags
 * of the database that the typed command used.
 * @module
 */
import { allowances } from "../migrations/plan.ts";
import {
  command,
  replaceCommands,
  replaceTyped,
  shellWord,
  type Verb,
  valueFlag,
} from "../report/command.ts";
import type { ProjectOptions } from "./project-options.ts";

/** How an option is typed. If two verbs share an option with the same meaning, the table below has the same object for both. */
interface Flag {
  readonly names: readonly string[];
  /** Returns each flag with its value. */
  readonly write: (value: unknown) => readonly (readonly string[])[];
}

function flag(name: string): Flag {
  return { names: [name], write: (value) => textsOf(value).map((one) => valueFlag(name, one)) };
}

function milliseconds(name: string): Flag {
  return { names: [name], write: (value) => textsOf(value).map((one) => [name, `${one}ms`]) };
}

function onOrOff(name: string): Flag {
  return {
    names: [`--${name}`, `--no-${name}`],
    write: (value) => [[value === true ? `--${name}` : `--no-${name}`]],
  };
}

const allow: Flag = {
  names: allowances.map((one) => `--allow-${one}`),
  write: (value) => textsOf(value).map((one) => [`--allow-${one}`]),
};

const documents: Flag = {
  names: ["--document", "--none"],
  write: (value) => (textsOf(value).length === 0 ? [["--none"]] : flag("--document").write(value)),
};

/** The texts and numbers of one value or of a list. */
function textsOf(value: unknown): string[] {
  return [value]
    .flat()
    .flatMap((one: unknown) =>
      typeof one === "string" || typeof one === "number" ? [`${one}`] : [],
    );
}

type Flags = Readonly<Record<string, Flag>>;
const plan: Flags = { to: flag("--to"), allow };
const numbers: Flags = { country: flag("--country"), reserved: flag("--reserved") };
const caller: Flags = { tenant: flag("--tenant"), user: flag("--user") };

/**
 * The flags of each verb by the names of its options, without the flags that choose the database. Flags that change what the verb does are
 * in {@link ACTS}.
 */
export const FLAGS: Readonly<Record<Verb, Flags>> = {
  status: {},
  doctor: {},
  "migrate new": {},
  "migrate status": {},
  "migrate plan": plan,
  "migrate apply": { ...plan, lockTimeout: flag("--lock-timeout") },
  "migrate verify": {},
  "migrate lock": {},
  "backfill new": {},
  "backfill list": {},
  "backfill run": {
    window: flag("--window"),
    targetMs: milliseconds("--target"),
    maxWindow: flag("--max-window"),
    pauseMs: milliseconds("--pause"),
    rate: flag("--rate"),
    maxRowsWritten: flag("--max-rows-written"),
    budget: flag("--budget"),
    maxQuarantined: flag("--max-quarantined"),
  },
  "backfill status": {},
  "backfill cancel": { rate: flag("--rate") },
  "onboard init": {},
  "onboard start": {
    tenant: flag("--tenant"),
    user: flag("--user"),
    email: flag("--email"),
    key: flag("--key"),
  },
  "onboard business": {
    ...caller,
    ...numbers,
    company: flag("--company"),
    industry: flag("--industry"),
    phone: flag("--phone"),
    email: flag("--email"),
  },
  "onboard agents": caller,
  "onboard assistant": {
    ...caller,
    name: flag("--name"),
    type: flag("--type"),
    voice: flag("--voice"),
    language: flag("--language"),
    appointments: onOrOff("appointments"),
    products: onOrOff("products"),
  },
  "onboard knowledge": { ...caller, documents, title: flag("--title") },
  "onboard complete": caller,
  "onboard status": caller,
  "onboard run": {
    ...numbers,
    inputFormat: flag("--input-format"),
    maxFailures: flag("--max-failures"),
  },
};

/** Flags that change what a verb does. Only {@link sameCommand} repeats them. */
const ACTS: Readonly<Record<string, string>> = {
  dryRun: "--dry-run",
  exitCode: "--exit-code",
  release: "--release",
  anew: "--anew",
  withoutBookmark: "--without-bookmark",
  pause: "--pause",
};

/** The options that are arguments, not flags. */
const ARGUMENTS: Partial<Readonly<Record<Verb, string>>> = {
  "migrate new": "title",
  "backfill new": "name",
  "backfill run": "name",
  "backfill status": "name",
  "backfill cancel": "name",
  "onboard business": "session",
  "onboard agents": "session",
  "onboard assistant": "session",
  "onboard knowledge": "session",
  "onboard complete": "session",
  "onboard status": "session",
  "onboard run": "file",
};

/** The typed verb and its options, whose flags {@link complete} adds. */
export interface TypedCommand {
  readonly verb: Verb;
  /** `env` is the resolved environment. */
  readonly options: ProjectOptions;
}

/** The typed command without its confirmation, which the user has to give again. */
export function sameCommand({ verb, options }: TypedCommand, ...more: readonly string[]): string {
  const typed = new Map<string, unknown>(Object.entries(options));
  return command(
    verb,
    ...textsOf(typed.get(ARGUMENTS[verb] ?? "")),
    ...Object.entries(ACTS).flatMap(([name, act]) => (typed.get(name) === true ? [act] : [])),
    ...more,
  );
}

/**
 * Completes every command in the text. Flags that a command already has stay: d1ops adds no second `--db`. If the suggested verb is the
 * typed verb, it gets all typed flags, else the flags that both verbs have.
 */
export function complete(text: string, typed: TypedCommand): string {
  const named = replaceTyped(text, () => sameCommand(typed));
  return replaceCommands(named, (verb, words) => {
    const own = flagNames(words);
    const missing = [...databaseFlags(verb, words, typed.options), ...ownFlags(verb, typed)]
      .filter(([name = ""]) => !own.has(nameOf(name)))
      .flatMap((flags) => flags.map(shellWord));
    const first = words.findIndex((word) => word.startsWith("-") && word !== "-");
    const names = first < 0 ? words : words.slice(0, first);
    const given = first < 0 ? [] : words.slice(first);
    return [startedAs(typed.options), verb, ...names, ...missing, ...given].join(" ");
  });
}

/** Adds `--db` to the commands in the text, for a report about several databases. */
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

/** A verb that creates a file needs no place, and a remote database no folder of local state. */
function databaseFlags(
  verb: Verb,
  words: readonly string[],
  { place = "local", env, db, config, persistTo }: ProjectOptions,
): string[][] {
  const own = flagNames(words);
  const remote = own.has("--remote") || (!own.has("--local") && place === "remote");
  const createsFile = ["migrate new", "onboard init", "backfill new"].includes(verb);
  return [
    ...(createsFile || own.has("--remote") || own.has("--local") ? [] : [[`--${place}`]]),
    ...(env === undefined ? [] : [valueFlag("--env", env)]),
    ...(db === undefined ? [] : [valueFlag("--db", db)]),
    ...(config === undefined
      ? []
      : [valueFlag(config.startsWith("-") ? "--config" : "-c", config)]),
    ...(persistTo === undefined || remote || createsFile
      ? []
      : [valueFlag("--persist-to", persistTo)]),
  ];
}

function ownFlags(
  verb: Verb,
  { verb: typedVerb, options }: TypedCommand,
): readonly (readonly string[])[] {
  const typed = new Map<string, unknown>(Object.entries(options));
  return Object.entries(FLAGS[verb])
    .filter(([name, how]) => typed.get(name) !== undefined && FLAGS[typedVerb][name] === how)
    .flatMap(([name, how]) => how.write(typed.get(name)));
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
