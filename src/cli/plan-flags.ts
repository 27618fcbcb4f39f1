/**
 * The flags of `plan` and `apply`: the last migration, and the problems that do not stop the run.
 * @module
 */
import type { Command } from "commander";
import type { MigratePlanOptions } from "../commands/migrate/plan.ts";
import type { Flags } from "./shared-flags.ts";

export interface PlanFlags extends Flags {
  readonly to?: string;
  readonly allowOutOfOrder?: boolean;
  readonly allowChanged?: boolean;
  readonly allowMissing?: boolean;
  readonly allowRenamed?: boolean;
}

export function withPlanFlags(command: Command): Command {
  return command
    .optionsGroup("Which migrations:")
    .option("--to <name>", "last migration to apply: name or number")
    .option("--allow-out-of-order", "apply a migration that sorts before an applied one")
    .option("--allow-changed", "continue although an applied file was edited")
    .option("--allow-missing", "continue although an applied migration has no file")
    .option("--allow-renamed", "apply a renamed file again, under its new name");
}

export function allowances(flags: PlanFlags): Pick<MigratePlanOptions, "to" | "allow"> {
  return {
    ...(flags.to !== undefined && { to: flags.to }),
    allow: [
      ...(flags.allowOutOfOrder === true ? (["out-of-order"] as const) : []),
      ...(flags.allowChanged === true ? (["changed"] as const) : []),
      ...(flags.allowMissing === true ? (["missing"] as const) : []),
      ...(flags.allowRenamed === true ? (["renamed"] as const) : []),
    ],
  };
}
