/**
 * Names in double quotes that no column has: SQLite reads them as texts and says nothing, so that every row gets the name
 * itself. SQLite decides which those are; the statements before them give it the schema.
 * @module
 */
import type { D1Database } from "../database/port.ts";
import type { NameCheck, TextName } from "../database/name-check.ts";
import type { Finding } from "../report/report.ts";
import { type DefinitionRow, definitionsStatement } from "../schema/identical.ts";
import { doubleQuoted } from "../sql/double-quoted.ts";
import { excerpt, positionAt } from "../sql/position.ts";
import { quoteString } from "../sql/quote.ts";
import type { Statement } from "../sql/split.ts";
import type { Migration } from "./migration.ts";
import type { Standing } from "./standing.ts";

export interface TextNamesRequest {
  readonly d1: D1Database;
  readonly folder: readonly Migration[];
  readonly standing: Pick<Standing, "applied" | "changed" | "accepted">;
  /** What is looked at, in the order in which it runs. */
  readonly steps: readonly Migration[];
  readonly openNameCheck: () => NameCheck;
}

/**
 * Of the steps, on the schema that the applied files make. Where they cannot tell it (one is missing or was changed),
 * the database is asked. Costs nothing where no step has a name in double quotes.
 */
export async function textNameFindings(request: TextNamesRequest): Promise<Finding[]> {
  const { d1, folder, standing, steps, openNameCheck } = request;
  const last = steps.findLastIndex(({ text, statements }) => {
    return text.includes('"') && statements.some((one) => doubleQuoted(one.text).length > 0);
  });
  if (last < 0) return [];
  const files = new Map(folder.map((migration) => [migration.name, migration]));
  const known = standing.applied.flatMap(({ name }) => files.get(name) ?? []);
  const complete =
    known.length === standing.applied.length &&
    standing.changed.length === 0 &&
    standing.accepted.length === 0 &&
    known.every(({ unreadable }) => unreadable === undefined);
  const live = complete ? null : (await definitionsStatement(d1).all()).results;
  const names = openNameCheck();
  try {
    if (live === null) for (const migration of known) follow(names, migration);
    else for (const sql of inOrder(live)) names.follow(sql);
    return steps.slice(0, last + 1).flatMap((migration) => findingsOf(names, migration));
  } finally {
    names.close();
  }
}

/** Of the applied files, each on the schema that those before it make. Pure but for the engine. */
export function appliedTextNames(
  migrations: readonly Migration[],
  openNameCheck: () => NameCheck,
): Finding[] {
  if (migrations.some(({ unreadable }) => unreadable !== undefined)) return [];
  if (!migrations.some(({ text }) => text.includes('"'))) return [];
  const names = openNameCheck();
  try {
    return migrations.flatMap((migration) => findingsOf(names, migration));
  } finally {
    names.close();
  }
}

function follow(names: NameCheck, { statements }: Migration): void {
  names.begin();
  for (const { text } of statements) names.follow(text);
}

/** What is looked at comes before what looks at it. */
function inOrder(rows: readonly DefinitionRow[]): string[] {
  const order = ["table", "view", "index", "trigger"];
  return order.flatMap((type) =>
    rows.flatMap((row) => {
      const { sql } = row;
      return row["type"] === type && typeof sql === "string" ? [sql] : [];
    }),
  );
}

function findingsOf(names: NameCheck, migration: Migration): Finding[] {
  names.begin();
  return migration.statements.flatMap((statement, index) =>
    names.check(statement.text).map((found) => finding(migration, statement, index, found)),
  );
}

function finding(
  { name: file, file: path, text }: Migration,
  statement: Statement,
  index: number,
  { name, start, end, table }: TextName,
): Finding {
  const at = statement.start + start;
  const position = positionAt(text, at);
  const where = table === null ? "" : ` (table ${table})`;
  return {
    rule: "text-in-double-quotes",
    level: "warning",
    file: path,
    line: position.line,
    ...(table !== null && { table }),
    message: `Statement ${index + 1} of ${file}${where} uses "${name}" as a text: no column has this name, so SQLite reads the name itself.`,
    help: `If you mean a column, correct the name. If you mean the text, write ${quoteString(name)}.`,
    excerpt: excerpt(text, at, end - start),
    data: { name, statement: index + 1, column: position.column },
  };
}
