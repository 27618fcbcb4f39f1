/** @module The queries that find the rows behind an error: one per way in which they can cause it. Pure. */
import type { ForeignKey, Schema, Table } from "../schema/model.ts";
import { quoteIdentifier, sameIdentifier } from "../sql/quote.ts";
import { contents, lexemes } from "../sql/lexemes.ts";
import type { Rows } from "./written-rows.ts";

/** A query for the offending rows, and the columns that identify them for a person. */
export interface OffendingQuery {
  readonly query: string;
  readonly columns: readonly string[];
  readonly what: string;
  readonly unit?: string;
}

/** `text` is the error message without its frame. */
export function offendingQueries(rows: Rows, schema: Schema, text: string): OffendingQuery[] {
  const constraint = /^(NOT NULL|UNIQUE|CHECK|FOREIGN KEY) constraint failed(?:: (.+))?$/s.exec(
    text,
  );
  const kind = constraint?.[1];
  const about = constraint?.[2] ?? "";
  if (kind === "FOREIGN KEY")
    return rows.kind === "removed" ? referencingRows(rows, schema) : danglingRows(rows, schema);
  if (rows.kind === "removed") return [];
  const { table } = rows;
  if (kind === "NOT NULL") return nullRows(rows, columnsOf(about, table.name)[0]);
  if (kind === "UNIQUE") return duplicateValues(rows, columnsOf(about, table.name), schema);
  if (kind === "CHECK") return checkFailures(rows, about);
  const typed = /^cannot store \w+ value in (\w+) column (.+)$/s.exec(text);
  return typed === null
    ? []
    : wrongTypes(rows, typed[1] ?? "", columnsOf(typed[2] ?? "", table.name)[0]);
}

type Written = Extract<Rows, { kind: "written" }>;
type Removed = Extract<Rows, { kind: "removed" }>;

/** The columns in a message such as `users.a, users.b`; empty for another table. */
function columnsOf(about: string, table: string): string[] {
  return about
    .split(", ")
    .flatMap((name) =>
      sameIdentifier(name.slice(0, table.length + 1), `${table}.`)
        ? [name.slice(table.length + 1)]
        : [],
    );
}

function rowsWhere(
  { query, columns, table }: Written,
  condition: string,
  what: string,
): OffendingQuery {
  const found = `SELECT * FROM (${query}) WHERE ${condition}`;
  return { query: found, columns: keyOf(table, columns), what };
}

function nullRows(written: Written, column: string | undefined): OffendingQuery[] {
  const { columns, table } = written;
  if (column === undefined || !columns.includes(column)) return [];
  const what = `${table.name}.${column} would be NULL`;
  return [rowsWhere(written, `${quoteIdentifier(column)} IS NULL`, what)];
}

function duplicateValues(
  { query, columns, table, values, allRows }: Written,
  named: readonly string[],
  schema: Schema,
): OffendingQuery[] {
  const unique = values ?? named;
  if (unique.length === 0 || !unique.every((one) => columns.includes(one))) return [];
  if (values === null && !isUnambiguous(unique, table, schema)) return [];
  const list = unique.map(quoteIdentifier).join(", ");
  const some = unique.map((one) => `${quoteIdentifier(one)} IS NOT NULL`).join(" AND ");
  const where = unique.map((one) => `${table.name}.${one}`).join(", ");
  const repeated: OffendingQuery = {
    query: `SELECT ${list} FROM (${allRows ?? query}) WHERE ${some} GROUP BY ${list} HAVING count(*) > 1`,
    columns: unique,
    what: `more than once in ${where}`,
    unit: "value",
  };
  const existing: OffendingQuery = {
    query: `SELECT ${list} FROM (${query}) WHERE ${some} INTERSECT SELECT ${list} FROM ${quoteIdentifier(table.name)}`,
    columns: unique,
    what: `${where} is in the table already`,
  };
  return allRows === null ? [repeated, existing] : [repeated];
}

/** True if these columns are unique in all rows and compare with their own collations. The message does not name the index. */
function isUnambiguous(named: readonly string[], table: Table, { indexes }: Schema): boolean {
  const { columns, primaryKey, uniques } = table;
  const own = indexes.filter((index) => index.unique && sameIdentifier(index.table, table.name));
  const all = [...(primaryKey === null ? [] : [primaryKey]), ...uniques, ...own].filter(
    ({ terms }) =>
      terms.length === named.length &&
      terms.every(({ column }) => column !== null && named.includes(column)),
  );
  return all.every(
    (one) =>
      !("where" in one && one.where !== null) &&
      one.terms.every(
        (term) => columns.find(({ name }) => name === term.column)?.collation === term.collation,
      ),
  );
}

function checkFailures(written: Written, about: string): OffendingQuery[] {
  const { table } = written;
  if (table.columns.some(({ generated }) => generated !== null)) return [];
  const expression = expressionOf(table, about);
  if (expression === null) return [];
  return [rowsWhere(written, `NOT (${expression})`, `${table.name} fails the check ${about}`)];
}

/**
 * The expression of the check in a message; null if several checks match. The message contains the name of the check, or else its
 * text. If the text starts with a quoted name, SQLite keeps only this name: `age` of `CHECK ("age" > 17)`.
 */
function expressionOf({ checks, columns }: Table, about: string): string | null {
  const named = checks.find(({ name }) => name !== null && sameIdentifier(name, about));
  if (named !== undefined) return named.expression;
  if (!columns.some(({ name }) => sameIdentifier(name, about))) return about;
  const [only, ...others] = checks.filter(
    ({ name, expression }) => name === null && sameIdentifier(firstName(expression), about),
  );
  return others.length === 0 ? (only?.expression ?? null) : null;
}

function firstName(expression: string): string {
  const [first] = lexemes(expression);
  return first === undefined ? "" : contents(first);
}

function wrongTypes(written: Written, type: string, column: string | undefined): OffendingQuery[] {
  const { columns, table } = written;
  const accepted = { INT: "integer", INTEGER: "integer", REAL: "real", TEXT: "text", BLOB: "blob" }[
    type
  ];
  if (column === undefined || accepted === undefined || !columns.includes(column)) return [];
  const others = accepted === "real" ? "'real', 'integer', 'null'" : `'${accepted}', 'null'`;
  const condition = `typeof(${quoteIdentifier(column)}) NOT IN (${others})`;
  return [rowsWhere(written, condition, `${table.name}.${column} would not be ${type}`)];
}

/** New rows that refer to a missing row. */
function danglingRows(
  { query, columns, table, allRows }: Written,
  { tables }: Schema,
): OffendingQuery[] {
  return table.foreignKeys.flatMap((foreign) => {
    const to =
      foreign.to ?? primaryKeyOf(tables.find(({ name }) => sameIdentifier(name, foreign.table)));
    if (to.length === 0 || !foreign.columns.every((one) => columns.includes(one))) return [];
    const existing = quoteIdentifier(foreign.table);
    // A row may refer to another row that the same statement writes.
    const parents = sameIdentifier(foreign.table, table.name)
      ? [`(${allRows ?? query})`, ...(allRows === null ? [existing] : [])]
      : [existing];
    const missed = parents.map(
      (rows) => `NOT EXISTS (SELECT 1 FROM ${rows} AS p WHERE ${joined("n", foreign, to)})`,
    );
    return [
      {
        query: `SELECT n.* FROM (${query}) AS n WHERE ${filled("n", foreign)} AND ${missed.join(" AND ")}`,
        columns: [...new Set([...keyOf(table, columns), ...foreign.columns])],
        what: `${table.name}.${foreign.columns.join(", ")} refers to no row of ${foreign.table}`,
      },
    ];
  });
}

/** Rows of other tables that refer to the deleted rows. */
function referencingRows({ query, table }: Removed, { tables }: Schema): OffendingQuery[] {
  return tables.flatMap((child) =>
    child.foreignKeys
      .filter(
        ({ table: parent, onDelete }) =>
          sameIdentifier(parent, table.name) && !FOLLOWS.has(onDelete),
      )
      .flatMap((foreign) => {
        const to = foreign.to ?? primaryKeyOf(table);
        if (to.length === 0) return [];
        const columns = child.columns.map(({ name }) => name);
        return [
          {
            query: `SELECT n.* FROM ${quoteIdentifier(child.name)} AS n WHERE ${filled("n", foreign)} AND EXISTS (SELECT 1 FROM (${query}) AS p WHERE ${joined("n", foreign, to)})`,
            columns: [...new Set([...keyOf(child, columns), ...foreign.columns])],
            what: `${child.name}.${foreign.columns.join(", ")} refers to what the statement deletes`,
          },
        ];
      }),
  );
}

const FOLLOWS: ReadonlySet<string> = new Set(["CASCADE", "SET NULL", "SET DEFAULT"]);

function filled(row: string, { columns }: ForeignKey): string {
  return columns.map((column) => `${row}.${quoteIdentifier(column)} IS NOT NULL`).join(" AND ");
}

function joined(row: string, { columns }: ForeignKey, to: readonly string[]): string {
  return columns
    .map((column, i) => `p.${quoteIdentifier(to[i] ?? column)} = ${row}.${quoteIdentifier(column)}`)
    .join(" AND ");
}

/** The columns of the primary key if the rows have them, otherwise the first column. */
function keyOf(table: Table, columns: readonly string[]): string[] {
  const key = primaryKeyOf(table);
  return key.length > 0 && key.every((one) => columns.includes(one)) ? key : columns.slice(0, 1);
}

function primaryKeyOf(table: Table | undefined): string[] {
  return table?.primaryKey?.terms.flatMap(({ column }) => column ?? []) ?? [];
}
