/** @module what the commands of `d1ops onboard` have in common */
import type { Command } from "commander";
import type { OnboardOptions } from "../../commands/onboard/options.ts";
import type { Terminal } from "../execute.ts";
import { type Flags, projectOptions, writeOptions } from "../shared-flags.ts";

export interface NumberFlags extends Flags {
  readonly country?: string;
  readonly reserved?: readonly string[];
}

export function withNumberFlags(command: Command): Command {
  return command
    .optionsGroup("Phone numbers:")
    .option("--country <code>", "of numbers without a country's code (default: FR)")
    .option("--reserved <number>", "one that no tenant may have; repeatable", collect);
}

export function collect(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value];
}

/** Which database, what is confirmed, and how numbers are read. */
export function common(flags: NumberFlags, terminal: Terminal): OnboardOptions {
  const { country, reserved } = flags;
  return {
    ...projectOptions(flags),
    ...terminal.writing,
    ...writeOptions(flags),
    ...given({ country, reserved }),
  };
}

/** Of what may be undefined, what is. */
type Given<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Without what was not typed. */
export function given<T extends object>(values: T): Given<T>;
export function given(values: object): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
