/**
 * One D1 database at Cloudflare, and the calls of the API about it. Calls fail with an `OpsError`. A query fails with an
 * {@link ApiFailure}, because its adapter needs D1's own message.
 * @module
 */
import type { D1 } from "cloudflare/resources/d1/d1";
import type {
  DatabaseRawResponse,
  TimeTravelGetBookmarkResponse,
} from "cloudflare/resources/d1/database";
import { OpsError } from "../report/error.ts";
import type { ApiResult, Api, ApiCall } from "./api.ts";
import { ApiFailure } from "./api-failure.ts";
import { opsErrorOf } from "./call-error.ts";
import type { Effect } from "./retry-policy.ts";

export interface DatabaseInfo {
  readonly id: string;
  readonly name: string;
  /** Bytes. */
  readonly size: number | null;
  readonly tables: number | null;
}

/** A statement and its parameters, as JSON represents them. */
export interface RawQuery {
  readonly sql: string;
  readonly params: readonly (number | string | null | readonly number[])[];
}

export interface RemoteD1 {
  readonly api: Api;
  readonly account: string;
  readonly id: string;
  /** Runs all statements in one transaction, and returns an answer for each. @throws ApiFailure */
  raw(effect: Effect, batch: readonly RawQuery[]): Promise<DatabaseRawResponse[]>;
  /** The current Time Travel bookmark, or the last one at or before `at` (ISO 8601). */
  bookmark(at?: string): Promise<string>;
  /** Makes any other call about the database. @throws OpsError */
  call<T>(effect: Effect, what: string, send: DatabaseCall): Promise<ApiResult<T>>;
  /** The error for a failed call; `what` completes "Cloudflare did not …". */
  errorOf(failure: ApiFailure, effect: Effect, what: string): OpsError;
}

/** A call of the SDK that names the account. */
export type DatabaseCall = (
  ...given: [...Parameters<ApiCall>, account: { readonly account_id: string }]
) => ReturnType<ApiCall>;

export function remoteD1(api: Api, account: string, id: string): RemoteD1 {
  const errorOf: RemoteD1["errorOf"] = (failure, effect, what) =>
    opsErrorOf(failure, { what, effect, api, account, database: id });
  const call: RemoteD1["call"] = async (effect, what, send) => {
    try {
      return await api.call(effect, (sdk, options) => send(sdk, options, { account_id: account }));
    } catch (error) {
      throw error instanceof ApiFailure ? errorOf(error, effect, what) : error;
    }
  };
  return {
    api,
    account,
    id,
    call,
    errorOf,
    async raw(effect, batch) {
      // The SDK's own method accepts only texts as parameters. D1 accepts all JSON values, and a number differs from its text.
      const path = `/accounts/${encodeURIComponent(account)}/d1/database/${encodeURIComponent(id)}/raw`;
      const { result } = await api.call<DatabaseRawResponse[]>(effect, (sdk, options) =>
        sdk.post(path, { ...options, body: { batch } }),
      );
      return result ?? [];
    },
    async bookmark(at) {
      const { result } = await call<TimeTravelGetBookmarkResponse>(
        "read",
        "read the Time Travel bookmark",
        (sdk, options, params) =>
          sdk.d1.database.timeTravel.getBookmark(
            id,
            { ...params, ...(at !== undefined && { timestamp: at }) },
            options,
          ),
      );
      return result?.bookmark ?? missing("bookmark");
    },
  };
}

/** Finds a database by its name or id. @throws OpsError REMOTE_DATABASE_UNKNOWN and those of the API */
export async function findDatabase(
  api: Api,
  account: string,
  nameOrId: string,
): Promise<DatabaseInfo> {
  const { result } = await remoteD1(api, account, nameOrId).call<D1>(
    "read",
    `find the database ${nameOrId}`,
    (sdk, options, params) => sdk.d1.database.get(nameOrId, params, options),
  );
  return {
    id: result?.uuid ?? missing("uuid"),
    name: result?.name ?? nameOrId,
    size: result?.file_size ?? null,
    tables: result?.num_tables ?? null,
  };
}

/** The API's types guarantee nothing: any field may be missing. @throws OpsError API_REFUSED */
export function missing(field: string): never {
  const text = {
    message: `Cloudflare's answer has no ${field}.`,
    hint: "Run the same command again with --debug. If the error persists, the API has changed: look for a newer d1ops.",
  };
  throw new OpsError("API_REFUSED", { status: 200, code: null, ray: null }, text);
}
