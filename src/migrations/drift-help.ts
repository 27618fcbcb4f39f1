/** @module What to do about a difference between a database and its migrations. Pure. */
import { command, offer } from "../report/command.ts";
import { listed } from "../report/wording.ts";
import type { Difference } from "../schema/difference.ts";
import { quoteIdentifier } from "../sql/quote.ts";
import type { Comparison } from "./comparison.ts";

/** Files that are not as they were applied. The replay reads the present ones. */
export function filesNotAsApplied({
  changed,
  missing,
  renamed,
  accepted,
}: Pick<Comparison, "changed" | "missing" | "renamed" | "accepted">): string[] {
  return [
    ...changed.map(({ migration }) => migration.name),
    ...missing.map(({ name }) => name),
    ...renamed.map(({ from }) => from),
    ...accepted.map(({ name }) => name),
  ];
}

/** `files`: those that are not as applied. `ledger`: the name of wrangler's table. */
export function driftHelp(
  difference: Difference,
  files: readonly string[],
  ledger: string,
): string {
  if (files.length > 0) return editedHelp(files);
  const keep = offer(`Or, to keep it so, ${keeping(difference, ledger)}`, NEW);
  return `Something changed the schema without a migration. Undo that in the database with \`npx wrangler d1 execute\`.\n${keep}`;
}

function editedHelp(files: readonly string[]): string {
  const [was, it] = files.length === 1 ? ["was", "it"] : ["were", "them"];
  const cause = `${listed(files)} ${was} edited, renamed or deleted after ${it === "it" ? "it was" : "they were"} applied, and d1ops compares the database with the present files. So this may be the cause: restore ${it} first.`;
  const other =
    "If the present files are right, make the change in the database with `npx wrangler d1 execute`.";
  return `${cause} ${other}\n${offer("Then compare again", command("migrate verify"))}`;
}

const NEW = command("migrate new", "TITLE");

/** What a new migration has to do, so that it runs on this database and on a new one. */
function keeping({ kind, object, name }: Difference, ledger: string): string {
  if (object === "column" && kind !== "changed") {
    const change = kind === "extra" ? "adds" : "drops";
    return `write a new migration that ${change} the column ${name}. It cannot run on this database, so record it there as applied: INSERT INTO ${quoted(ledger)}(name) VALUES ('FILE.sql')`;
  }
  if (object === "column" || (object === "table" && kind === "changed")) {
    return "rebuild the table in a new migration";
  }
  const make = "in a new migration";
  switch (kind) {
    case "extra":
      return `create it with IF NOT EXISTS ${make}`;
    case "missing":
      return `drop it with IF EXISTS ${make}`;
    case "changed":
      return `drop it with IF EXISTS and create it again ${make}`;
  }
}

function quoted(table: string): string {
  return /^\w+$/.test(table) ? table : quoteIdentifier(table);
}
