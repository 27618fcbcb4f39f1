/** @module The verbs of onboarding, how they are typed, and their commands. `verbs.ts` registers them. */
import { anyCommand, type CommandOf, type CoreVerb } from "../../report/command.ts";
import { flag, type Flag, flagsOf, onOrOff, textsOf, type VerbSyntax } from "../../report/flag.ts";

export const onboardingVerbs = [
  "onboard init",
  "onboard start",
  "onboard business",
  "onboard agents",
  "onboard assistant",
  "onboard knowledge",
  "onboard complete",
  "onboard status",
  "onboard run",
] as const;

export type OnboardingVerb = (typeof onboardingVerbs)[number];

export const command: CommandOf<CoreVerb | OnboardingVerb> = anyCommand;

const documents: Flag = {
  names: ["--document", "--none"],
  write: (value) => (textsOf(value).length === 0 ? [["--none"]] : flag("--document").write(value)),
};

const numbers = flagsOf("country", "reserved");
const caller = flagsOf("tenant", "user");
const step: VerbSyntax = { argument: "session", flags: caller };

export const ONBOARDING_VERBS: Readonly<Record<OnboardingVerb, VerbSyntax>> = {
  "onboard init": { noPlace: true },
  "onboard start": { flags: flagsOf("tenant", "user", "email", "key") },
  "onboard business": {
    ...step,
    flags: { ...caller, ...numbers, ...flagsOf("company", "industry", "phone", "email") },
  },
  "onboard agents": step,
  "onboard assistant": {
    ...step,
    flags: {
      ...caller,
      ...flagsOf("name", "type", "voice", "language"),
      appointments: onOrOff("appointments"),
      products: onOrOff("products"),
    },
  },
  "onboard knowledge": { ...step, flags: { ...caller, documents, ...flagsOf("title") } },
  "onboard complete": step,
  "onboard status": step,
  "onboard run": {
    argument: "file",
    flags: { ...numbers, ...flagsOf("inputFormat", "maxFailures") },
  },
};
