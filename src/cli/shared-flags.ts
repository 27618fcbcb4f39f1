/**
 * The flags that several commands share.
 * @module
 */
import { type Command, Option } from "commander";
import { type ColorChoice, colorChoices } from "../terminal/style.ts";

/** The flags that the command line itself uses. */
export interface Flags {
  readonly format?: readonly string[];
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly debug?: boolean;
  readonly color: ColorChoice;
  readonly dryRun?: boolean;
}

/** A flag whose option of the verb has another name. */
export class RenamedOption extends Option {
  readonly #name: string;

  constructor(name: string, flags: string, description: string) {
    super(flags, description);
    this.#name = name;
  }

  override attributeName(): string {
    return this.#name;
  }
}

/** For a command that opens a database. */
export function withFlags(command: Command): Command {
  return printed(place(database(command)));
}

/** For a command that writes to a database after confirmation. `confirm` describes `--confirm`. */
export function withWriteFlags(
  command: Command,
  confirm = "confirm in advance with the database's name; another name fails",
): Command {
  return withDryRun(withFlags(command))
    .option("-y, --yes", "confirm in advance, without a prompt")
    .option("--confirm <name>", confirm);
}

export function withDryRun(command: Command): Command {
  return command
    .optionsGroup("What it does:")
    .option("-n, --dry-run", "show the report without writing anything");
}

/** For a command that reads the config and opens no database. */
export function withConfigFlags(command: Command): Command {
  return printed(database(command));
}

/** For a command that reads a Time Travel bookmark before it writes. */
export function withBookmarkFlags(command: Command): Command {
  return command
    .optionsGroup("The way back:")
    .option("--without-bookmark", "read no Time Travel bookmark: there is no way back");
}

function database(command: Command): Command {
  return command
    .optionsGroup("Which database:")
    .option("-c, --config <path>", "wrangler config (default: the nearest one upward)")
    .option("-e, --env <name>", 'environment of the config; "" is its top level')
    .option("--db <name>", "binding or name of the database, if the config has several");
}

function place(command: Command): Command {
  return command
    .addOption(new Option("--local", "the database that wrangler dev uses").conflicts("remote"))
    .addOption(new Option("--remote", "the database at Cloudflare").conflicts("local"))
    .option("--persist-to <dir>", "folder of the local state, as in wrangler dev --persist-to");
}

function printed(command: Command): Command {
  return command
    .optionsGroup("What it prints:")
    .option(
      "--format <f[=file]>",
      "text, json, markdown, html, junit, github or sarif; repeatable",
      collect,
    )
    .option("--json", "the same as --format json")
    .option("-q, --quiet", "show errors and warnings only")
    .option("-v, --verbose", "show every step")
    .option("--debug", "show the stack traces of errors")
    .addOption(
      new Option("--color <when>", "when to colour the output")
        .choices(colorChoices)
        .default("auto"),
    );
}

/** For a flag that may be repeated. */
export function collect(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value];
}
