/**
 * The D1 at Cloudflare, over its HTTP API: a `D1Database` that can be anywhere a Worker's binding can be.
 *
 * Reads are asked again while the network or Cloudflare fails. A write is sent again only where it is sure that it was
 * not carried out; where that is not known it fails with OUTCOME_UNKNOWN, and who has a ledger can look there.
 * @module
 */
import { ApiFailure } from "../cloudflare/failure.ts";
import type { RawQuery, RemoteD1 } from "../cloudflare/d1.ts";
import { opsErrorOf } from "../cloudflare/refusal.ts";
import type { Effect } from "../cloudflare/retry.ts";
import { OpsError } from "../report/error.ts";
import type { Target } from "../report/report.ts";
import { onlyReads } from "../sql/effect.ts";
import { split } from "../sql/split.ts";
import { type Answer, clientOver, type D1Client, type Query } from "./client.ts";
import { exactly, hasInexact } from "./exact.ts";
import type { Database } from "./port.ts";
import { failure, Refusal } from "./refusal.ts";
import { answersOf } from "./remote-answer.ts";

export interface RemoteOptions {
  /** `read` refuses a statement that writes before it is sent. */
  readonly mode: "read" | "write";
}

/** A {@link Database} whose `d1` has also what Cloudflare's type demands of a binding, so kysely-d1 takes it. */
export interface RemoteDatabase extends Database {
  readonly d1: D1Client;
}

/** Nothing is asked until the first statement, and there is nothing to close. */
export function openRemote(
  remote: RemoteD1,
  target: Target,
  { mode }: RemoteOptions,
): RemoteDatabase {
  const send = async (queries: readonly Query[]): Promise<Answer[]> => {
    const asked = queries.flatMap(pieces);
    if (asked.length === 0) throw new Refusal("No SQL statements detected.");
    const effect: Effect = asked.every(({ sql }) => onlyReads(sql)) ? "read" : "write";
    if (effect === "write" && mode === "read") throw openedForReading(target);
    try {
      const answers = answersOf(await remote.raw(effect, asked.map(rawQuery)));
      // Of several statements in one text, the last one's answer is the text's.
      return asked.flatMap(({ last }, i) => (last ? (answers[i] ?? []) : []));
    } catch (error) {
      throw error instanceof ApiFailure ? translate(error, remote, effect, target) : error;
    }
  };
  return {
    d1: clientOver(async (queries) => {
      for (const query of queries) refuseMalformed(query);
      const answers = await send(queries);
      return answers.some(hasInexact) ? exactly(queries, answers, send) : answers;
    }),
    target,
    bookmark: () => remote.bookmark(),
    close() {},
  };
}

/** One statement of a text. */
interface Piece extends Query {
  readonly last: boolean;
}

/** A text of one statement goes as it is, so that places in it mean what they say. Only the last one has parameters. */
function pieces(query: Query): Piece[] {
  const statements = split(query.sql);
  if (statements.length <= 1) return query.sql.trim() === "" ? [] : [{ ...query, last: true }];
  return statements.map(({ text }, i) =>
    i === statements.length - 1
      ? { sql: text, params: query.params, last: true }
      : { sql: text, params: [], last: false },
  );
}

function rawQuery({ sql, params }: Query): RawQuery {
  return {
    sql,
    params: params.map((value) => (value instanceof Uint8Array ? Array.from(value) : value)),
  };
}

/** Half of a surrogate pair has no UTF-8: on its way it would become another character. */
function refuseMalformed({ sql, params }: Query): void {
  const texts = [sql, ...params.filter((value) => typeof value === "string")];
  if (texts.every((text) => text.isWellFormed())) return;
  throw failure("D1_TYPE_ERROR", "A text has half of a surrogate pair in it, which cannot be sent.");
}

/** D1's own words for what is wrong with a query; an error of ours for all else. */
function translate(
  error: ApiFailure,
  remote: RemoteD1,
  effect: Effect,
  target: Target,
): Refusal | OpsError {
  if (error.code === 7500 && error.carried === "refused") {
    return new Refusal(error.message, undefined, { cause: error });
  }
  const { api, account, id } = remote;
  const { baseUrl, credentials } = api;
  const what = `${effect === "read" ? "query" : "change"} the database ${target.database}`;
  return opsErrorOf(error, { what, effect, baseUrl, credentials, account, database: id });
}

function openedForReading({ database }: Target): OpsError {
  return new OpsError(
    "DATABASE_READ_ONLY",
    { path: database, reason: "it was opened for reading" },
    {
      message: `A statement that writes was to be sent to ${database}, which was opened for reading.`,
      hint: 'Open it with mode: "write".',
    },
  );
}
