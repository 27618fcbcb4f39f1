/**
 * The flags of `plan` and `apply`: how far, and what may pass that would otherwise stop the run.
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
    .option("--to <name>", "the last one to apply: name or number")
    .option("--allow-out-of-order", "run a migration that sorts before one that is applied")
    .option("--allow-changed", "go on although an applied file was edited")
    .option("--allow-missing", "go on although an applied migration has no file")
    .option("--allow-renamed", "run a renamed file again, under its new name");
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
