/**
 * Finds names in double quotes that match no column. SQLite silently reads them as strings, so every row gets the name itself.
 * SQLite decides which names those are, with the schema that the earlier statements create.
 * @module
 */
import type { D1Database } from "../database/port.ts";
import type { NameCheck, TextName } from "../database/name-check.ts";
import type { Finding } from "../report/report.ts";
import { definitionsInOrder, definitionsStatement } from "../schema/identical.ts";
import { doubleQuoted } from "../sql/double-quoted.ts";
import { excerpt, positionAt } from "../sql/position.ts";
import { quoteString } from "../sql/quote.ts";
import type { Statement } from "../sql/split.ts";
import type { Migration } from "./migration.ts";
import type { Comparison } from "./comparison.ts";

export interface TextNamesRequest {
  readonly d1: D1Database;
  readonly folder: readonly Migration[];
  readonly comparison: Pick<Comparison, "applied" | "changed" | "accepted">;
  /** The migrations to check, in the order in which they run. */
  readonly steps: readonly Migration[];
  readonly openNameCheck: () => NameCheck;
}

/**
 * Checks the steps against the schema that the applied files create. If an applied file is missing or was changed, it reads the
 * schema from the database instead. Does nothing if no step has a name in double quotes.
 */
export async function textNameFindings(request: TextNamesRequest): Promise<Finding[]> {
  const { d1, folder, comparison, steps, openNameCheck } = request;
  const last = steps.findLastIndex(({ text, statements }) => {
    return text.includes('"') && statements.some((one) => doubleQuoted(one.text).length > 0);
  });
  if (last < 0) return [];
  const files = new Map(folder.map((migration) => [migration.name, migration]));
  const known = comparison.applied.flatMap(({ name }) => files.get(name) ?? []);
  const complete =
    known.length === comparison.applied.length &&
    comparison.changed.length === 0 &&
    comparison.accepted.length === 0 &&
    known.every(({ unreadable }) => unreadable === undefined);
  const live = complete ? null : (await definitionsStatement(d1).all()).results;
  const names = openNameCheck();
  try {
    if (live === null) for (const migration of known) follow(names, migration);
    else for (const sql of definitionsInOrder(live)) names.follow(sql);
    return steps.slice(0, last + 1).flatMap((migration) => findingsOf(names, migration));
  } finally {
    names.close();
  }
}

/** Checks the applied files, each against the schema that the earlier ones create. */
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
    message: `Statement ${index + 1} of ${file}${where} uses "${name}" as a string: no column has this name, so SQLite reads the name itself.`,
    help: `If you mean a column, correct the name. If you mean the string, write ${quoteString(name)}.`,
    excerpt: excerpt(text, at, end - start),
    data: { name, statement: index + 1, column: position.column },
  };
}
