/**
 * The flags of `plan` and `apply`: the last migration, and the problems that do not stop the run.
 * @module
 */
import type { Command, Option } from "commander";
import { collect, RenamedOption } from "./shared-flags.ts";

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
