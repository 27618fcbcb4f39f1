/** @module Turns the parsed arguments and flags of a command into the options of its verb. */
import type { Command } from "commander";
import type { Flags } from "./shared-flags.ts";

/** The flags that no verb has as options. A verb ignores an option that is undefined. */
const NO_OPTIONS: Readonly<Record<Exclude<keyof Flags, "dryRun"> | "local" | "remote", undefined>> =
  {
    format: undefined,
    json: undefined,
    quiet: undefined,
    verbose: undefined,
    debug: undefined,
    color: undefined,
    local: undefined,
    remote: undefined,
  };

/** An option has the name of its flag or argument. The verb checks the values. */
export function verbOptions<F extends object>(
  flags: F & { readonly local?: boolean; readonly remote?: boolean },
  { registeredArguments, processedArgs }: Command,
): F {
  const values: readonly unknown[] = processedArgs;
  return {
    ...flags,
    ...NO_OPTIONS,
    ...(flags.local === true && { place: "local" }),
    ...(flags.remote === true && { place: "remote" }),
    ...Object.fromEntries(registeredArguments.map((argument, at) => [argument.name(), values[at]])),
  };
}
