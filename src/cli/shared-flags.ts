/**
 * The flags that commands share, by what a command does, and what they mean to the verbs.
 * @module
 */
import { type Command, Option } from "commander";
import type { ProjectOptions, WriteOptions } from "../project/project-options.ts";
import { type ColorChoice, colorChoices } from "../terminal/style.ts";

export interface Flags {
  readonly config?: string;
  readonly env?: string;
  readonly db?: string;
  readonly local?: boolean;
  readonly remote?: boolean;
  readonly persistTo?: string;
  readonly format?: readonly string[];
  readonly json?: boolean;
  readonly yes?: boolean;
  readonly confirm?: string;
  readonly dryRun?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly debug?: boolean;
  readonly color: ColorChoice;
}

/** Those of every command that opens a database. */
export function withFlags(command: Command): Command {
  return printed(place(database(command)));
}

/** In addition, those of a command that writes to a database, and has it confirmed. */
export function withWriteFlags(command: Command): Command {
  return withDryRun(withFlags(command))
    .option("-y, --yes", "confirm without being asked")
    .option("--confirm <name>", "confirm also destructive statements, by the database's name");
}

export function withDryRun(command: Command): Command {
  return command
    .optionsGroup("What is done:")
    .option("-n, --dry-run", "the same report, nothing written");
}

/** Those of a command that reads the config and no database. */
export function withConfigFlags(command: Command): Command {
  return printed(database(command));
}

function database(command: Command): Command {
  return command
    .optionsGroup("Which database:")
    .option("-c, --config <path>", "wrangler config (default: the nearest one upward)")
    .option("-e, --env <name>", 'environment of the config; "" is its top level')
    .option("--db <name>", "binding or name of the database, where the config has several");
}

function place(command: Command): Command {
  return command
    .addOption(new Option("--local", "the database that wrangler dev uses").conflicts("remote"))
    .addOption(new Option("--remote", "the database at Cloudflare").conflicts("local"))
    .option("--persist-to <dir>", "where local state is kept, as in wrangler dev --persist-to");
}

function printed(command: Command): Command {
  return command
    .optionsGroup("What is printed:")
    .option(
      "--format <f[=file]>",
      "text, json, markdown, html, junit, github or sarif; repeatable",
      collect,
    )
    .option("--json", "the same as --format json")
    .option("-q, --quiet", "only what is wrong")
    .option("-v, --verbose", "every step")
    .option("--debug", "stacks of errors")
    .addOption(new Option("--color <when>", "colour").choices(colorChoices).default("auto"));
}

function collect(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value];
}

/** The part that says what is confirmed in advance. */
export function writeOptions(flags: Flags): Pick<WriteOptions, "dryRun" | "yes" | "confirm"> {
  return {
    dryRun: flags.dryRun === true,
    yes: flags.yes === true,
    ...(flags.confirm !== undefined && { confirm: flags.confirm }),
  };
}

/** The part that says which database is meant. */
export function projectOptions(flags: Flags): ProjectOptions {
  return {
    ...(flags.config !== undefined && { config: flags.config }),
    ...(flags.env !== undefined && { env: flags.env }),
    ...(flags.db !== undefined && { db: flags.db }),
    ...(flags.persistTo !== undefined && { persistTo: flags.persistTo }),
    ...(flags.local === true && { place: "local" as const }),
    ...(flags.remote === true && { place: "remote" as const }),
  };
}
