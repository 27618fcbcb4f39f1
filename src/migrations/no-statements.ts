/**
 * Files without a statement, as `migrate new` makes them. An apply records them as applied, and a statement that is written later does
 * not run. Pure.
 * @module
 */
import { command, offer } from "../report/command.ts";
import type { Finding } from "../report/report.ts";
import type { Migration } from "./migration.ts";

/** One finding a file. wrangler applies such files too, so they stop nothing. */
export function noStatementsFindings(migrations: readonly Migration[]): Finding[] {
  return migrations
    .filter(({ statements }) => statements.length === 0)
    .map(({ name, file }) => ({
      rule: "no-statements",
      level: "warning",
      file,
      message: `${name} has no statement. Once it is applied, statements that you add to it do not run: the file counts as edited.`,
      help: `Write its statements before you apply it.\n${offer("If it is applied already, put them into a new migration", command("migrate new", "NAME"))}`,
    }));
}
