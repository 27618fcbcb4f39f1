/** @module `d1ops audit tables` */
import { Command } from "commander";
import type { AuditTablesOptions } from "../../commands/audit/tables.ts";
import type { CommandRunner } from "../execute.ts";
import { amount } from "../parse-number.ts";
import { examples, withFlags } from "../shared-flags.ts";

export function auditTablesCommand({ execute }: CommandRunner): Command {
  return withFlags(new Command("tables"))
    .argument("[at]", "local (default), remote, env:NAME or file:PATH.sqlite")
    .optionsGroup("What it reads:")
    .option(
      "--max-rows-read <n>",
      "of a remote database: count no rows if that would read more (default: 1,000,000)",
      amount,
    )
    .optionsGroup("What it compares:")
    .option("--against <file>", "an earlier report of this command as JSON: what has changed since")
    .summary("count the tables of a database, their rows, columns, indexes and bytes")
    .addHelpText(
      "after",
      examples("", "--format json=inventory.json", "--against inventory.json", "env:staging"),
    )
    .action(
      execute(async () => {
        const { auditTables } = await import("../../commands/audit/tables.ts");
        return async (options: AuditTablesOptions) => auditTables(options);
      }),
    );
}
