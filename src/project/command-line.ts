/**
 * Completes the commands that a report or an error suggests, so that each can be pasted: how d1ops was started, and the flags with which
 * the suggested command reaches the same database as the one that was typed.
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

/** How an option is typed. One that two verbs share, with the same meaning, is the same object in the table below. */
interface Typed {
  readonly names: readonly string[];
  /** Each flag with its value. */
  readonly write: (value: unknown) => readonly (readonly string[])[];
}

function flag(name: string): Typed {
  return { names: [name], write: (value) => textsOf(value).map((one) => valueFlag(name, one)) };
}

function milliseconds(name: string): Typed {
  return { names: [name], write: (value) => textsOf(value).map((one) => [name, `${one}ms`]) };
}

function eitherWay(name: string): Typed {
  return {
    names: [`--${name}`, `--no-${name}`],
    write: (value) => [[value === true ? `--${name}` : `--no-${name}`]],
  };
}

const allow: Typed = {
  names: allowances.map((one) => `--allow-${one}`),
  write: (value) => textsOf(value).map((one) => [`--allow-${one}`]),
};

const documents: Typed = {
  names: ["--document", "--none"],
  write: (value) => (textsOf(value).length === 0 ? [["--none"]] : flag("--document").write(value)),
};

/** Of one value or several. */
function textsOf(value: unknown): string[] {
  return [value]
    .flat()
    .flatMap((one: unknown) =>
      typeof one === "string" || typeof one === "number" ? [`${one}`] : [],
    );
}

type Flags = Readonly<Record<string, Typed>>;
const plan: Flags = { to: flag("--to"), allow };
const numbers: Flags = { country: flag("--country"), reserved: flag("--reserved") };
const whose: Flags = { tenant: flag("--tenant"), user: flag("--user") };

/**
 * What a verb takes beside the flags that say which database is meant, by the names of its options. What changes the act itself is not
 * here: `--release` is repeated only by {@link sameCommand}.
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
    ...whose,
    ...numbers,
    company: flag("--company"),
    industry: flag("--industry"),
    phone: flag("--phone"),
    email: flag("--email"),
  },
  "onboard agents": whose,
  "onboard assistant": {
    ...whose,
    name: flag("--name"),
    type: flag("--type"),
    voice: flag("--voice"),
    language: flag("--language"),
    appointments: eitherWay("appointments"),
    products: eitherWay("products"),
  },
  "onboard knowledge": { ...whose, documents, title: flag("--title") },
  "onboard complete": whose,
  "onboard status": whose,
  "onboard run": {
    ...numbers,
    inputFormat: flag("--input-format"),
    maxFailures: flag("--max-failures"),
  },
};

const ACTS: Readonly<Record<string, string>> = {
  dryRun: "--dry-run",
  exitCode: "--exit-code",
  release: "--release",
  anew: "--anew",
  withoutBookmark: "--without-bookmark",
  pause: "--pause",
};

/** The options that are typed without a flag. */
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

/** The verb that was typed, and its options: {@link complete} adds their flags. */
export interface TypedCommand {
  readonly verb: Verb;
  /** `env` as it was resolved. */
  readonly options: ProjectOptions;
}

/** The command that was typed, once more. Only the confirmation is not repeated: it has to be given again. */
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
 * Completes every command in the text. What stands in a command already is kept: `--db LOG` is not followed by another `--db`. A verb
 * that is suggested by itself gets back all of its flags, another one those that both take.
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

/** The commands in the text, with the database that they are about: where a report is about several. */
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

export function startedAs({ startedAs: how }: ProjectOptions): string {
  return how ?? "npx d1ops";
}

/** A new file has no place; where local state is kept says nothing of a remote database. */
function databaseFlags(
  verb: Verb,
  words: readonly string[],
  { place = "local", env, db, config, persistTo }: ProjectOptions,
): string[][] {
  const own = flagNames(words);
  const remote = own.has("--remote") || (!own.has("--local") && place === "remote");
  const opensNone = ["migrate new", "onboard init", "backfill new"].includes(verb);
  return [
    ...(opensNone || own.has("--remote") || own.has("--local") ? [] : [[`--${place}`]]),
    ...(env === undefined ? [] : [valueFlag("--env", env)]),
    ...(db === undefined ? [] : [valueFlag("--db", db)]),
    ...(config === undefined
      ? []
      : [valueFlag(config.startsWith("-") ? "--config" : "-c", config)]),
    ...(persistTo === undefined || remote || opensNone
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
