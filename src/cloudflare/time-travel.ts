/**
 * Reads Time Travel bookmarks. Time Travel is always on and covers 30 days. On the free plan it covers 7 days, and the service
 * rejects older times. Bookmarks sort by time as texts.
 * @module
 */
import { OpsError } from "../report/error.ts";
import type { RemoteD1 } from "./d1.ts";

/** A date, milliseconds since 1970, seconds or milliseconds as digits, or ISO 8601 with a time zone. */
export type Moment = Date | number | string;

export interface TimeTravelInfo {
  readonly bookmark: string;
  /** The requested time in ISO 8601; null for now. The bookmark is the last one at or before it. */
  readonly at: string | null;
}

/** Makes one read. `now`: milliseconds since 1970. @throws OpsError USAGE before any call, and those of the API */
export async function timeTravelInfo(
  remote: RemoteD1,
  at?: Moment,
  now: number = Date.now(),
): Promise<TimeTravelInfo> {
  if (at === undefined) return { bookmark: await remote.bookmark(), at: null };
  const timestamp = momentOf(at, now);
  return { bookmark: await remote.bookmark(timestamp), at: timestamp };
}

const RETENTION_DAYS = 30;

/** Requires a zone: without one, a time would differ between machines. */
const ISO =
  /^\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:[+-][0-2]\d:[0-5]\d|Z)$/;

/** ISO 8601 in UTC. @throws OpsError USAGE for an invalid time, one in the future, or one beyond the retention */
function momentOf(at: Moment, now: number): string {
  const time = typeof at === "string" ? timeIn(at) : new Date(at).getTime();
  const text = Number.isNaN(time) ? String(at) : new Date(time).toISOString();
  if (Number.isNaN(time)) throw invalidMoment(text, "is not a valid time");
  if (time > now) throw invalidMoment(text, "is in the future");
  // Calendar days, as wrangler counts them: a day can have fewer than 24 hours.
  const oldest = new Date(now);
  oldest.setDate(oldest.getDate() - RETENTION_DAYS);
  if (time >= oldest.getTime()) return text;
  throw invalidMoment(
    text,
    `is more than ${RETENTION_DAYS} days ago, which Time Travel does not cover`,
  );
}

function timeIn(text: string): number {
  if (ISO.test(text)) return Date.parse(text);
  if (!/^\d+$/.test(text)) return Number.NaN;
  return new Date(Number(text) * (text.length === 10 ? 1000 : 1)).getTime();
}

function invalidMoment(argument: string, why: string): OpsError {
  const hint = "Give a time of the last 30 days: 2026-01-31T12:00:00Z, or Unix seconds.";
  return new OpsError("USAGE", { argument }, { message: `${argument} ${why}.`, hint });
}
