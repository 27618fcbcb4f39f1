/** @module How every verb is typed. A room with verbs of its own registers them here. */
import { allowances } from "./migrations/plan.ts";
import { ONBOARDING_VERBS } from "./onboarding/file/onboarding-verbs.ts";
import type { Verb } from "./report/command.ts";
import { type Flags, flagsOf, milliseconds, textsOf, type VerbSyntax } from "./report/flag.ts";

const plan: Flags = {
  ...flagsOf("to"),
  allow: {
    names: allowances.map((one) => `--allow-${one}`),
    write: (value) => textsOf(value).map((one) => [`--allow-${one}`]),
  },
};

export const VERBS: Readonly<Record<Verb, VerbSyntax>> = {
  status: {},
  doctor: {},
  "migrate new": { argument: "title", createsFile: true },
  "migrate status": {},
  "migrate plan": { flags: plan },
  "migrate apply": { flags: { ...plan, ...flagsOf("lockTimeout") } },
  "migrate verify": {},
  "migrate lock": {},
  "backfill new": { argument: "name", createsFile: true },
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
  ...ONBOARDING_VERBS,
};
