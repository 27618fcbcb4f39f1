/** @module flags of several commands of `d1ops onboard` */
import { Command } from "commander";
import type { OnboardOptions } from "../../commands/onboard/options.ts";
import type { Terminal } from "../execute.ts";
import { type Flags, projectOptions, withWriteFlags, writeOptions } from "../shared-flags.ts";

export interface NumberFlags extends Flags {
  readonly country?: string;
  readonly reserved?: readonly string[];
}

export interface SessionFlags extends NumberFlags {
  readonly tenant?: string;
  readonly user?: string;
}

export function withNumberFlags(command: Command): Command {
  return command
    .optionsGroup("Phone numbers:")
    .option("--country <code>", "country of numbers without a country code (default: FR)")
    .option("--reserved <number>", "number that no tenant may have; repeatable", collect);
}

export function withSession(command: Command): Command {
  return command
    .argument("<session>", "session id that start has printed")
    .optionsGroup("Who:")
    .option("--tenant <id>", "fail if the session is another tenant's")
    .option("--user <id>", "user who does it (default: the user who started)");
}

/** A step of an existing session. */
export function stepCommand(name: string): Command {
  return withSession(withWriteFlags(new Command(name)));
}

export function collect(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value];
}

/** The options of every verb that writes. */
export function onboardOptions(flags: NumberFlags, terminal: Terminal): OnboardOptions {
  const { country, reserved } = flags;
  return {
    ...projectOptions(flags),
    ...terminal.writing,
    ...writeOptions(flags),
    ...withoutUndefined({ country, reserved }),
  };
}

type WithoutUndefined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Omits flags that were not typed. */
export function withoutUndefined<T extends object>(values: T): WithoutUndefined<T>;
export function withoutUndefined(values: object): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
