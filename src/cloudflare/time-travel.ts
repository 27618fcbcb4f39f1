/**
 * Time Travel: which moments there are. Always on, 30 days back (7 on the free plan: there the service itself refuses
 * what is too old). A bookmark is a moment; as text, bookmarks are in the order of time.
 * @module
 */
import { OpsError } from "../report/error.ts";
import type { RemoteD1 } from "./d1.ts";

/** A time: a date, milliseconds since 1970, seconds or milliseconds as digits, or ISO 8601 with its zone. */
export type Moment = Date | number | string;

export interface TimeTravelInfo {
  readonly bookmark: string;
  /** The time asked for, ISO 8601; null for now. The bookmark is the last one at or before it. */
  readonly at: string | null;
}

/** One read. `now` is what the clock says. @throws OpsError USAGE before any call, and those of the API */
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

/** Without a zone a time would mean something else on another machine. */
const ISO =
  /^\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:[+-][0-2]\d:[0-5]\d|Z)$/;

/** ISO 8601 in UTC. @throws OpsError USAGE for no time, one to come, and one that nobody remembers */
export function momentOf(at: Moment, now: number): string {
  const time = typeof at === "string" ? timeIn(at) : new Date(at).getTime();
  const said = Number.isNaN(time) ? String(at) : new Date(time).toISOString();
  if (Number.isNaN(time)) throw noMoment(said, "is no time");
  if (time > now) throw noMoment(said, "is still to come");
  // Calendar days, as wrangler counts them: in some zones some days are shorter.
  const oldest = new Date(now);
  oldest.setDate(oldest.getDate() - RETENTION_DAYS);
  if (time < oldest.getTime()) {
    throw noMoment(
      said,
      `is more than ${RETENTION_DAYS} days ago, and Time Travel goes no further`,
    );
  }
  return said;
}

function timeIn(text: string): number {
  if (ISO.test(text)) return Date.parse(text);
  if (!/^\d+$/.test(text)) return Number.NaN;
  return new Date(Number(text) * (text.length === 10 ? 1000 : 1)).getTime();
}

function noMoment(said: string, why: string): OpsError {
  return new OpsError(
    "USAGE",
    { argument: said },
    {
      message: `${said} ${why}.`,
      hint: "Give a time of the last 30 days: 2026-01-31T12:00:00Z, or Unix seconds.",
    },
  );
}
