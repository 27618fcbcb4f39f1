/**
 * The D1 at Cloudflare, over its HTTP API: a `D1Database` that can be anywhere a Worker's binding can be.
 *
 * Reads are asked again while the network or Cloudflare fails. A write is sent again only where it is sure that it was
 * not carried out; where that is not known it fails with OUTCOME_UNKNOWN, and who has a ledger can look there.
 * @module
 */
import { ApiFailure } from "../cloudflare/api-failure.ts";
import type { RawQuery, RemoteD1 } from "../cloudflare/d1.ts";
import { opsErrorOf } from "../cloudflare/call-error.ts";
import type { Effect } from "../cloudflare/retry-policy.ts";
import { OpsError } from "../report/error.ts";
import type { Target } from "../report/report.ts";
import { onlyReads } from "../sql/effect.ts";
import { type Answer, clientOver, type ClientDatabase, type Query } from "./client.ts";
import { hasText } from "./connection.ts";
import { exactly, hasInexact } from "./exact-integers.ts";
import { failure, Refusal } from "./d1-error.ts";
import { answersOf } from "./remote-answer.ts";
import { joined, pieces } from "./remote-text.ts";
import { bindable, type Bound } from "./values.ts";

export interface RemoteOptions {
  /** `read` refuses a statement that writes before it is sent. */
  readonly mode: "read" | "write";
}

/** Nothing is asked until the first statement, and there is nothing to close. */
export function openRemote(
  remote: RemoteD1,
  target: Target,
  { mode }: RemoteOptions,
): ClientDatabase {
  const send = async (queries: readonly Query[]): Promise<Answer[]> => {
    const asked = queries.flatMap((query, index) => pieces(query, index));
    if (asked.length === 0) throw new Refusal("No SQL statements detected.");
    const effect: Effect = asked.every(({ sql }) => onlyReads(sql)) ? "read" : "write";
    if (effect === "write" && mode === "read") throw openedForReading(target);
    try {
      const answers = answersOf(await remote.raw(effect, asked.map(rawQuery)));
      if (answers.length !== asked.length) throw mismatch(asked.length, answers.length, effect);
      return joined(asked, answers);
    } catch (error) {
      throw error instanceof ApiFailure ? translate(error, remote, effect, target) : error;
    }
  };
  return {
    d1: clientOver(async (queries) => {
      for (const { sql } of queries) refuseHalves(sql);
      const answers = await send(queries);
      return answers.some(hasInexact) ? exactly(queries.filter(hasText), answers, send) : answers;
    }, sendable),
    target,
    bookmark: () => remote.bookmark(),
    close() {},
  };
}

/** It was carried out, and it cannot be told which answer belongs to which statement. */
function mismatch(asked: number, answered: number, effect: Effect): OpsError {
  const reason = `D1 was sent ${asked} statements and answered ${answered}: it cuts a text in other places than SQLite does.`;
  const text = {
    message: `${reason}${effect === "write" ? " They were carried out." : ""}`,
    hint: "Does a trigger have BEGIN or END in small letters, CRLF line ends, or a CASE … END inside? Write it without.",
  };
  return effect === "write"
    ? new OpsError("OUTCOME_UNKNOWN", { status: 200, reason }, text)
    : new OpsError("API_REFUSED", { status: 200, code: null, ray: null }, text);
}

function rawQuery({ sql, params }: Query): RawQuery {
  return {
    sql,
    params: params.map((value) => (value instanceof Uint8Array ? Array.from(value) : value)),
  };
}

/** What JSON cannot say would arrive as something else, and nobody would be told. */
function sendable(value: unknown): Bound {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw failure(
      "D1_TYPE_ERROR",
      `${value} cannot be sent: it would arrive as NULL. Write it in SQL: 9e999, or NULL for NaN.`,
    );
  }
  if (typeof value === "string") refuseHalves(value);
  return bindable(value);
}

/** Half of a surrogate pair has no UTF-8: on its way it would become another character. */
function refuseHalves(text: string): void {
  if (text.isWellFormed()) return;
  throw failure(
    "D1_TYPE_ERROR",
    "A text has half of a surrogate pair in it, which cannot be sent.",
  );
}

/** D1's own words for what is wrong with a query; an error of ours for all else. */
function translate(
  error: ApiFailure,
  remote: RemoteD1,
  effect: Effect,
  target: Target,
): Refusal | OpsError {
  if (error.code === 7500 && error.kind === "refused") {
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
