/** @module flags of several commands of `d1ops onboard` */
import { Command } from "commander";
import { collect, withWriteFlags } from "../shared-flags.ts";

export function withNumberFlags(command: Command): Command {
  return command
    .optionsGroup("Phone numbers:")
    .option("--country <code>", "country of numbers without a country code (default: FR)")
    .option("--reserved <number>", "number that no tenant may have; repeatable", collect);
}

export function withSession(command: Command): Command {
  return command
    .argument("<session>", "session id that start has printed")
    .optionsGroup("Tenant and user:")
    .option("--tenant <id>", "fail if the session is another tenant's")
    .option("--user <id>", "user who does it (default: the user who started)");
}

/** A step of an existing session. */
export function stepCommand(name: string): Command {
  return withSession(withWriteFlags(new Command(name)));
}
