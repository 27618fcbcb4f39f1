/** @module How the options of verbs are typed, so that a suggested command can repeat them. */
import { valueFlag } from "./command.ts";

/** If two verbs share an option with the same meaning, their tables have the same object for it. */
export interface Flag {
  readonly names: readonly string[];
  /** Returns each flag with its value. */
  readonly write: (value: unknown) => readonly (readonly string[])[];
}

export type Flags = Readonly<Record<string, Flag>>;

export interface VerbSyntax {
  /** The option that is an argument, not a flag, or several in their order. */
  readonly argument?: string | readonly string[];
  /** Without the flags that choose the database, and those that change what the verb does. */
  readonly flags?: Flags;
  /** The verb works on no database: it creates a file, or reads snapshots. A suggested command then names no place. */
  readonly noPlace?: true;
  /** Without a place, the verb is about both. A suggested command names a place only if the typed one does. */
  readonly bothPlaces?: true;
  /** Arguments may be places. A suggested command with such an argument names a place only if the typed one does. */
  readonly placeArguments?: true;
  /** The flag whose value is a place. A suggested command that has it names no other place. */
  readonly placeFlag?: string;
}

/** `maxWindow` becomes `--max-window`. */
export function flagName(option: string): string {
  return `--${option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

export function flagsOf(...options: readonly string[]): Flags {
  return Object.fromEntries(options.map((option) => [option, flag(flagName(option))]));
}

export function flag(name: string): Flag {
  return { names: [name], write: (value) => textsOf(value).map((one) => valueFlag(name, one)) };
}

export function milliseconds(name: string): Flag {
  return { names: [name], write: (value) => textsOf(value).map((one) => [name, `${one}ms`]) };
}

export function onOrOff(name: string): Flag {
  const names = [`--${name}`, `--no-${name}`];
  return { names, write: (value) => [[`--${value === true ? "" : "no-"}${name}`]] };
}

/** The texts and numbers of one value or of a list. */
export function textsOf(value: unknown): string[] {
  return [value]
    .flat()
    .flatMap((one: unknown) =>
      typeof one === "string" || typeof one === "number" ? [`${one}`] : [],
    );
}
