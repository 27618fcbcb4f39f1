/** @module What several commands share: flags, and the examples at the end of the help. */
import { type AddHelpTextContext, type Command, Option } from "commander";
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
  confirm = "confirm in advance with the name of the remote database",
): Command {
  return withConfirmation(withDryRun(withFlags(command)), confirm);
}

function withConfirmation(command: Command, confirm: string): Command {
  return command
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

/** Which migrations `plan` and `apply` are about, and the problems that do not stop the run. */
export function withPlanFlags(command: Command): Command {
  return command
    .optionsGroup("Which migrations:")
    .option("--to <name>", "last migration to apply: name or number")
    .addOption(allow("out-of-order", "apply a migration that sorts before an applied one"))
    .addOption(allow("changed", "continue although an applied file was edited"))
    .addOption(allow("missing", "continue although an applied migration has no file"))
    .addOption(allow("renamed", "apply a renamed file again, under its new name"));
}

function allow(what: string, description: string): Option {
  return new RenamedOption("allow", `--allow-${what}`, description).preset(what).argParser(collect);
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
    .addOption(persistTo());
}

function persistTo(): Option {
  return new Option(
    "--persist-to <dir>",
    "folder of the local state, as in wrangler dev --persist-to",
  );
}

/** For a command that replaces a database, whose arguments are places. */
export function withCloneFlags(command: Command): Command {
  return withConfirmation(
    withDryRun(printed(database(command).addOption(persistTo()))),
    "confirm in advance with the name of the database",
  );
}

/** Where the snapshots are. */
export function withStoreFlag(command: Command): Command {
  return command
    .optionsGroup("Which store:")
    .option(
      "--store <where>",
      "folder or s3://BUCKET/PREFIX (default: snapshots.store of d1ops.jsonc, else backups)",
    )
    .option(
      "--identity <file>",
      "identity file of age, for an encrypted store; repeatable",
      collect,
    );
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

/** Names separated by spaces or commas. */
export function tablesOption(description: string): Option {
  return new Option("--tables <name...>", description).argParser(collectNames);
}

function collectNames(value: string, before: readonly string[] | undefined): string[] {
  const names = value.split(",").map((name) => name.trim());
  return [...(before ?? []), ...names.filter((name) => name !== "")];
}

/** For a flag that may be repeated. */
export function collect(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value];
}

/** `lines`: what follows the command, as it is typed in a shell. */
export function examples(...lines: readonly string[]): (context: AddHelpTextContext) => string {
  return ({ command }) => {
    const shown = lines.map((line) => `  $ ${`${wordsOf(command)} ${line}`.trimEnd()}\n`);
    return `\nExamples:\n${shown.join("")}`;
  };
}

/** `npx d1ops migrate apply` */
function wordsOf(command: Command): string {
  const { parent } = command;
  return parent === null ? command.name() : `${wordsOf(parent)} ${command.name()}`;
}
