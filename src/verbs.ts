/** @module Every verb, how it is typed, and its commands. A room with verbs of its own registers them here. */
import { allowances } from "./migrations/plan.ts";
import {
  ONBOARDING_VERBS,
  type OnboardingVerb,
  onboardingVerbs,
} from "./onboarding/file/onboarding-verbs.ts";
import {
  anyCommand,
  type CommandOf,
  commandReplacer,
  type CoreVerb,
  coreVerbs,
  type ReplaceCommands,
} from "./report/command.ts";
import { type Flags, flagsOf, milliseconds, textsOf, type VerbSyntax } from "./report/flag.ts";

export const verbs: readonly (CoreVerb | OnboardingVerb)[] = [...coreVerbs, ...onboardingVerbs];

export type Verb = (typeof verbs)[number];

export const command: CommandOf<Verb> = anyCommand;

export const replaceCommands: ReplaceCommands<Verb> = commandReplacer(verbs);

const plan: Flags = {
  ...flagsOf("to"),
  allow: {
    names: allowances.map((one) => `--allow-${one}`),
    write: (value) => textsOf(value).map((one) => [`--allow-${one}`]),
  },
};

const store = flagsOf("store", "identity");

const prune: Flags = {
  ...flagsOf("keepLast", "keepHourly", "keepDaily", "keepWeekly", "keepMonthly", "keepYearly"),
  ...flagsOf("keepWithin", "keepLabel"),
};

export const VERBS: Readonly<Record<Verb, VerbSyntax>> = {
  init: { noPlace: true },
  status: {},
  doctor: {},
  "migrate new": { argument: "title", noPlace: true },
  "migrate status": {},
  "migrate plan": { flags: plan },
  "migrate apply": { flags: { ...plan, ...flagsOf("lockTimeout") } },
  "migrate verify": {},
  "migrate lock": {},
  "backfill new": { argument: "name", noPlace: true },
  "backfill list": {},
  "backfill run": {
    argument: "name",
    flags: {
      ...flagsOf("window"),
      targetMs: milliseconds("--target"),
      ...flagsOf("maxWindow"),
      pauseMs: milliseconds("--pause"),
      ...flagsOf("rate", "maxRowsWritten", "budget", "maxQuarantined"),
    },
  },
  "backfill status": { argument: "name" },
  "backfill cancel": { argument: "name", flags: flagsOf("rate") },
  "snapshot take": { flags: { ...store, ...flagsOf("files", "label", "recipient") } },
  "snapshot list": { flags: store, noPlace: true },
  "snapshot show": { argument: "id", flags: store, noPlace: true },
  "snapshot verify": { argument: "id", flags: store, noPlace: true },
  "snapshot prune": { flags: { ...store, ...prune }, bothPlaces: true },
  "snapshot copy": {
    argument: "ids",
    flags: { ...store, ...flagsOf("to") },
    bothPlaces: true,
  },
  "snapshot keys": { flags: { ...store, ...flagsOf("recipient") }, noPlace: true },
  "snapshot restore": {
    argument: "id",
    flags: { ...store, ...flagsOf("to") },
    placeFlag: "--to",
  },
  "snapshot diff": {
    argument: ["left", "right"],
    placeArguments: true,
    flags: { ...store, ...flagsOf("tables", "limit") },
  },
  clone: {
    argument: ["from", "to"],
    placeArguments: true,
    flags: { ...store, ...flagsOf("mask") },
  },
  "audit tables": {
    argument: "at",
    placeArguments: true,
    flags: flagsOf("maxRowsRead", "against"),
  },
  ...ONBOARDING_VERBS,
};
