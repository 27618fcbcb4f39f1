/**
 * Files without a statement, as `migrate new` creates them. `apply` records them as applied, and statements that are added
 * later do not run. Pure.
 * @module
 */
import { command, offer } from "../report/command.ts";
import type { Finding } from "../report/report.ts";
import type { Migration } from "./migration.ts";
import { titleOf } from "./scaffold.ts";

/** One finding per file. wrangler applies such files too, so they do not stop a run. `applied`: names that this run applied. */
export function noStatementsFindings(
  migrations: readonly Migration[],
  applied: ReadonlySet<string>,
): Finding[] {
  return migrations
    .filter(({ statements }) => statements.length === 0)
    .map(({ name, file }) => ({
      rule: "no-statements",
      level: "warning",
      file,
      ...(applied.has(name)
        ? {
            message: `${name} has no statement, and is applied now. If you add statements, d1ops does not run them. It reports the file as edited.`,
            help: offer(
              "Put its statements into a new migration",
              command("migrate new", titleOf(name)),
            ),
          }
        : {
            message: `${name} has no statement. Once it is applied, d1ops does not run statements that you add. It reports the file as edited.`,
            help: "Write its statements before you apply it.",
          }),
    }));
}
