/**
 * `d1ops migrate`: the flags of its commands.
 * @module
 */
import { Command, type Option } from "commander";
import type { MigrateApplyOptions } from "../commands/migrate/apply.ts";
import type { WriteOptions } from "../project/project-options.ts";
import type { Group } from "./command-group.ts";
import { examples } from "./examples.ts";
import type { CommandRunner } from "./execute.ts";
import { amount } from "./parse-number.ts";
import {
  collect,
  RenamedOption,
  withBookmarkFlags,
  withConfigFlags,
  withDryRun,
  withFlags,
  withWriteFlags,
} from "./shared-flags.ts";

export const MIGRATE: Group = {
  summary: "list, apply and verify schema migrations",
  description: "Schema migrations: the files of migrations_dir and the ledger in the database.",
  commands: {
    status: migrateStatusCommand,
    plan: migratePlanCommand,
    apply: migrateApplyCommand,
    verify: migrateVerifyCommand,
    lock: migrateLockCommand,
    new: migrateNewCommand,
  },
};

function migrateStatusCommand({ execute }: CommandRunner): Command {
  return withFlags(new Command("status"))
    .summary("list applied, pending, changed and missing migrations")
    .description(
      "Compares the files with the ledger. Only reads. Exit code 1 if a migration is changed, renamed, missing or late.",
    )
    .optionsGroup("Exit code:")
    .option("--exit-code", "exit with code 1 if migrations are pending")
    .addHelpText("after", examples("", "--json | jq .data.pending"))
    .action(execute(async () => (await import("../commands/migrate/status.ts")).migrateStatus));
}

function migratePlanCommand({ execute }: CommandRunner): Command {
  return withPlanFlags(withFlags(new Command("plan")))
    .summary("show what apply would do, and what would stop it")
    .description("Shows what apply would run, in which order, and what would stop it. Only reads.")
    .addHelpText("after", examples("", "--to 0007"))
    .action(execute(async () => (await import("../commands/migrate/plan.ts")).migratePlan));
}

function migrateApplyCommand({ executeWrite }: CommandRunner): Command {
  const apply = withWriteFlags(
    new Command("apply"),
    "confirm destructive migrations too: the name of the database",
  );
  withPlanFlags(apply)
    .optionsGroup("If another run holds the lease:")
    .option(
      "--lock-timeout <seconds>",
      "how long to wait for the other run; 0: do not wait (default: 60)",
      amount,
    );
  return withBookmarkFlags(apply)
    .summary("apply pending migrations, one transaction each")
    .description(
      "Applies pending migrations in wrangler's order. Each one, with its ledger rows, is one transaction.",
    )
    .addHelpText(
      "after",
      examples("--local", "--local --to 0007 --dry-run", "--remote --env staging --yes"),
    )
    .action(
      executeWrite(async () => {
        const { migrateApply } = await import("../commands/migrate/apply.ts");
        return async (options: MigrateApplyOptions, { onProgress }) =>
          migrateApply({ ...options, onProgress });
      }),
    );
}

function migrateVerifyCommand({ execute }: CommandRunner): Command {
  return withFlags(new Command("verify"))
    .summary("compare the schema with the applied migrations")
    .description(
      "Replays the applied migrations in memory and compares the schemas by meaning. Only reads. Exit code 1 on a difference.",
    )
    .addHelpText("after", examples("", "--json | jq .data.differences"))
    .action(execute(async () => (await import("../commands/migrate/verify.ts")).migrateVerify));
}

function migrateLockCommand({ execute, executeWrite }: CommandRunner): Command {
  const load = async () => (await import("../commands/migrate/lock.ts")).migrateLock;
  const [show, release] = [execute(load), executeWrite(load)];
  return withWriteFlags(new Command("lock"))
    .summary("show the runs of a remote database, and release a lease")
    .description(
      "Shows the lease of a remote database and its last runs. Exit code 1 if a run holds the lease.",
    )
    .optionsGroup("The lease:")
    .option("--release", "end the lease after confirmation: its holder cannot write any more")
    .addHelpText("after", examples("--remote", "--remote --release"))
    .action(async (flags: { readonly release?: boolean }, command: Command) =>
      (flags.release === true ? release : show).call(command),
    );
}

function migrateNewCommand({ executeWrite }: CommandRunner): Command {
  return withDryRun(withConfigFlags(new Command("new")))
    .argument("<name>", "what the migration does, in a few words")
    .summary("create a migration file with the next number")
    .description("Creates the next file in the migrations folder, named as wrangler names it.")
    .addHelpText("after", examples("add_plan_to_tenants"))
    .action(
      executeWrite(async () => {
        const { migrateNew } = await import("../commands/migrate/new.ts");
        return async ({ name, ...options }: WriteOptions & { readonly name: string }) =>
          migrateNew(name, options);
      }),
    );
}

/**
 * The flags of `plan` and `apply`: the last migration, and the problems that do not stop the run.
 * @module
 */

function withPlanFlags(command: Command): Command {
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
