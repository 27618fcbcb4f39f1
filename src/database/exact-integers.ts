/**
 * Exact integers beyond 2^53. The API's JSON is made by JavaScript, which rounds them without notice. So d1ops reads a
 * number that may be rounded again, as text, and returns it as a BigInt.
 * @module
 */
import { OpsError } from "../report/error.ts";
import { leadingWords, onlyReads } from "../sql/classify.ts";
import { split } from "../sql/split.ts";
import type { Answer, Query, RunQueries } from "./client.ts";

/** True if the answer has a number that may be a rounded integer. */
export function hasInexact({ rows }: Answer): boolean {
  return rows.some((row) => row.some(isInexact));
}

/** A REAL beyond 2^63 cannot have been an integer. If the API sent the exact digits, `api.ts` has made a BigInt of them. */
function isInexact(value: unknown): boolean {
  if (typeof value === "bigint") return true;
  return (
    typeof value === "number" &&
    Number.isInteger(value) &&
    Math.abs(value) > Number.MAX_SAFE_INTEGER &&
    Math.abs(value) <= 2 ** 63
  );
}

function inexactColumns({ columns, rows }: Answer): number[] {
  return columns.flatMap((_, i) => (rows.some((row) => isInexact(row[i])) ? [i] : []));
}

/** Runs the queries again in one transaction, so none of them may write. @throws OpsError VALUE_INEXACT; writes remain committed */
export async function exactly(
  queries: readonly Query[],
  answers: readonly Answer[],
  send: RunQueries,
): Promise<Answer[]> {
  const [name = ""] = answers.flatMap((one) =>
    inexactColumns(one).map((i) => one.columns[i] ?? ""),
  );
  const wrapped = queries.map((query, i) => wrap(query, answers[i], name));
  const repeated = await send(wrapped.map(({ query }) => query));
  return repeated.map((answer, i) => unwrap(answer, wrapped[i]?.columns ?? [], answers[i]));
}

interface Wrapped {
  readonly query: Query;
  /** The columns that the query returns a second time, as text, after the others. */
  readonly columns: readonly number[];
}

/** `name` is the name of the first such column of all answers. */
function wrap(query: Query, answer: Answer | undefined, name: string): Wrapped {
  const columns = answer === undefined ? [] : inexactColumns(answer);
  const [statement, ...more] = split(query.sql);
  if (statement === undefined || more.length > 0 || !onlyReads(statement.text)) {
    throw inexact(name, "The statement was carried out.");
  }
  if (answer === undefined || columns.length === 0) return { query, columns };
  if (!["SELECT", "VALUES", "WITH"].includes(leadingWords(statement.text, 1)[0] ?? "")) {
    throw inexact(name, "d1ops cannot read it as text.");
  }
  const total = answer.columns.length + columns.length;
  if (total > 100) throw inexact(name, "The query has too many columns to read it as text.");
  const names = answer.columns.map((_, i) => `c${i}`).join(", ");
  const texts = columns.map(
    (i) => `CASE typeof(c${i}) WHEN 'integer' THEN CAST(c${i} AS TEXT) END`,
  );
  const inner = statement.text.replace(/;$/, "");
  const sql = `WITH q(${names}) AS (${inner}\n) SELECT ${[names, ...texts].join(", ")} FROM q`;
  return { query: { ...query, sql }, columns };
}

function unwrap(answer: Answer, columns: readonly number[], before: Answer | undefined): Answer {
  const names = before?.columns ?? answer.columns;
  const rows = answer.rows.map((row) => {
    const exact = row.slice(0, names.length);
    for (const [k, column] of columns.entries()) {
      const text = row[names.length + k];
      const value = exact[column];
      if (typeof text === "string") exact[column] = narrow(BigInt(text));
      else if (typeof value === "bigint") exact[column] = Number(value);
    }
    for (const [i, value] of exact.entries()) {
      // The row was added after the first read, so d1ops does not know which of its numbers are rounded.
      if (isInexact(value) && typeof value === "number" && !columns.includes(i)) {
        throw inexact(names[i] ?? "", "The data changed between two reads: run the query again.");
      }
    }
    return exact;
  });
  return { ...answer, columns: names, rows };
}

function narrow(value: bigint): bigint | number {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function inexact(column: string, note: string): OpsError {
  const message = `The column ${column} has a number beyond 2^53, which D1's API rounds. ${note}`;
  const hint = `Select it as text: CAST(${column === "" ? "x" : column} AS TEXT)`;
  return new OpsError("VALUE_INEXACT", { column }, { message, hint });
}
