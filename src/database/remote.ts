/**
 * A D1 database at Cloudflare, over the HTTP API. Code that takes a Worker's binding accepts this `D1Database`.
 *
 * d1ops retries reads while the network or Cloudflare fails. It retries a write only if the write was certainly not
 * carried out. Otherwise the write fails with OUTCOME_UNKNOWN, and a caller with a ledger can read the outcome there.
 * @module
 */
import { ApiFailure } from "../cloudflare/api-failure.ts";
import type { RawQuery, RemoteD1 } from "../cloudflare/d1.ts";
import type { Effect } from "../cloudflare/retry-policy.ts";
import { OpsError } from "../report/error.ts";
import type { Target } from "../report/report.ts";
import { onlyReads } from "../sql/classify.ts";
import { type Answer, clientOver, type ClientDatabase, type Query } from "./client.ts";
import { hasText } from "./connection.ts";
import { exactly, hasInexact } from "./exact-integers.ts";
import { openedForReading } from "./file-error.ts";
import { d1Error, Refusal } from "./d1-error.ts";
import { answersOf, joined, pieces } from "./remote-text.ts";
import { bindable, type Bound } from "./values.ts";

/** Makes no call before the first statement. `close` does nothing. Mode `read` rejects a statement that writes, before it is sent. */
export function openRemote(
  remote: RemoteD1,
  target: Target,
  { mode }: { readonly mode: "read" | "write" },
): ClientDatabase {
  const send = async (queries: readonly Query[]): Promise<Answer[]> => {
    const statements = queries.flatMap((query, index) => pieces(query, index));
    if (statements.length === 0) throw new Refusal("No SQL statements detected.");
    const effect: Effect = statements.every(({ sql }) => onlyReads(sql)) ? "read" : "write";
    if (effect === "write" && mode === "read") throw openedForReading(target.database);
    try {
      const answers = answersOf(await remote.raw(effect, statements.map(rawQuery)));
      if (answers.length !== statements.length) {
        throw mismatch(statements.length, answers.length, effect);
      }
      return joined(statements, answers);
    } catch (error) {
      throw error instanceof ApiFailure ? translate(error, remote, effect, target) : error;
    }
  };
  return {
    d1: clientOver(async (queries) => {
      for (const { sql } of queries) rejectLoneSurrogates(sql);
      const answers = await send(queries);
      return answers.some(hasInexact) ? exactly(queries.filter(hasText), answers, send) : answers;
    }, sendable),
    target,
    bookmark: () => remote.bookmark(),
    close() {},
  };
}

/** D1 carried the statements out, but d1ops cannot assign the answers to them. */
function mismatch(sent: number, answered: number, effect: Effect): OpsError {
  const reason = `D1 received ${sent} statements and answered ${answered}: it splits a text at other places than SQLite does.`;
  const text = {
    message: `${reason}${effect === "write" ? " They were carried out." : ""}`,
    hint: "If a trigger has BEGIN or END in lower case, CRLF line ends, or a CASE … END inside, write it without.",
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

/** Rejects values that JSON cannot represent: they would arrive changed, without an error. */
function sendable(value: unknown): Bound {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw d1Error(
      "D1_TYPE_ERROR",
      `d1ops cannot send ${value}: it would arrive as NULL. Write it in SQL: 9e999, or NULL for NaN.`,
    );
  }
  if (typeof value === "string") rejectLoneSurrogates(value);
  return bindable(value);
}

/** A lone surrogate has no UTF-8 form, so it would arrive as another character. */
function rejectLoneSurrogates(text: string): void {
  if (text.isWellFormed()) return;
  throw d1Error("D1_TYPE_ERROR", "A text contains half of a surrogate pair, which cannot be sent.");
}

/** A `Refusal` with D1's message if D1 rejected the query, an `OpsError` otherwise. */
function translate(
  error: ApiFailure,
  remote: RemoteD1,
  effect: Effect,
  target: Target,
): Refusal | OpsError {
  if (error.code === 7500 && error.kind === "refused") {
    return new Refusal(error.message, undefined, { cause: error });
  }
  const what = `${effect === "read" ? "query" : "change"} the database ${target.database}`;
  return remote.errorOf(error, effect, what);
}
