/**
 * Integers beyond 2^53 over an API whose answers are JSON made by JavaScript: they come rounded, and nothing says so. So a
 * number that may be one is asked for again, as text, and handed out as a BigInt.
 * @module
 */
import { OpsError } from "../report/error.ts";
import { leadingWords } from "../sql/classify.ts";
import { onlyReads } from "../sql/effect.ts";
import { split } from "../sql/split.ts";
import type { Answer, Query } from "./client.ts";

type Send = (queries: readonly Query[]) => Promise<Answer[]>;

/** True where an answer has a number that may have been an integer before it was rounded. */
export function hasInexact({ rows }: Answer): boolean {
  return rows.some((row) => row.some(isInexact));
}

/** A REAL beyond 2^63 cannot have been an integer. The API may also be exact: then `api.ts` has made a BigInt of it. */
function isInexact(value: unknown): boolean {
  if (typeof value === "bigint") return true;
  return (
    typeof value === "number" &&
    Number.isInteger(value) &&
    Math.abs(value) > Number.MAX_SAFE_INTEGER &&
    Math.abs(value) <= 2 ** 63
  );
}

/** Columns of an answer that have such numbers. */
function inexactColumns({ columns, rows }: Answer): number[] {
  return columns.flatMap((_, i) => (rows.some((row) => isInexact(row[i])) ? [i] : []));
}

/**
 * The same answers, with the numbers that they stand for. Queries that only read are asked again, all in one transaction; what
 * a write has returned cannot be asked for twice.
 * @throws OpsError VALUE_INEXACT where it cannot be known; what was written stands
 */
export async function exactly(
  queries: readonly Query[],
  answers: readonly Answer[],
  send: Send,
): Promise<Answer[]> {
  const [name = ""] = answers.flatMap((one) =>
    inexactColumns(one).map((i) => one.columns[i] ?? ""),
  );
  const wrapped = queries.map((query, i) => wrap(query, answers[i], name));
  const again = await send(wrapped.map(({ query }) => query));
  return again.map((answer, i) => unwrap(answer, wrapped[i]?.columns ?? [], answers[i]));
}

interface Wrapped {
  readonly query: Query;
  /** The columns that come a second time, as text, after the others. */
  readonly columns: readonly number[];
}

/** `name` is what the first such column of all is called. */
function wrap(query: Query, answer: Answer | undefined, name: string): Wrapped {
  const columns = answer === undefined ? [] : inexactColumns(answer);
  const [statement, ...more] = split(query.sql);
  if (statement === undefined || more.length > 0 || !onlyReads(statement.text)) {
    throw inexact(name, "It was carried out, and stands.");
  }
  if (answer === undefined || columns.length === 0) return { query, columns };
  if (!["SELECT", "VALUES", "WITH"].includes(leadingWords(statement.text, 1)[0] ?? "")) {
    throw inexact(name, "It cannot be asked for as text.");
  }
  const total = answer.columns.length + columns.length;
  if (total > 100) throw inexact(name, "The query has too many columns to be asked again.");
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
      // A row that has come since the first look: which of its numbers are rounded is not known.
      if (isInexact(value) && typeof value === "number" && !columns.includes(i)) {
        throw inexact(names[i] ?? "", "It changed between two looks: ask again.");
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
  return new OpsError(
    "VALUE_INEXACT",
    { column },
    {
      message: `The column ${column} has a number beyond 2^53, which D1's API rounds. ${note}`,
      hint: `Ask for it as text: CAST(${column === "" ? "x" : column} AS TEXT)`,
    },
  );
}
