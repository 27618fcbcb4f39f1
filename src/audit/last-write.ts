/** @module When a table was last written, as far as a column with timestamps shows it. */
import type { ColumnRow } from "../schema/rows.ts";

export interface LastWrite {
  readonly column: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** Names of columns in the order in which they are better evidence: a column that each update sets is better than one that an insert sets. */
const NAMES = [
  /^(?:updated|modified|changed|last_(?:update|change|modification))(?:_?(?:at|on|date|time))?$/i,
  /^(?:created|inserted|added|recorded|received|sent|applied|started|occurred|logged)(?:_?(?:at|on|date|time))?$/i,
  /^(?:timestamp|date|time|ts)$/i,
  /_(?:at|on)$/i,
];

/** The column that says best when rows were written. Null if none does. */
export function timestampColumn(columns: readonly Pick<ColumnRow, "name">[]): string | null {
  for (const pattern of NAMES) {
    const found = columns.find(({ name }) => pattern.test(withoutCamel(name)));
    if (found !== undefined) return found.name;
  }
  return null;
}

/** `updatedAt` is `updated_at`. */
function withoutCamel(name: string): string {
  return name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "_");
}

/** No database of D1 is older, and a later time is an expiry or a mistake. */
const EARLIEST = Date.UTC(2000, 0, 1);
const LATEST = Date.UTC(2100, 0, 1);

/**
 * The time that a value means: ISO 8601, SQLite's `YYYY-MM-DD HH:MM:SS` (UTC), or seconds or milliseconds since 1970. Null if it is no
 * plausible time.
 */
export function timeOf(value: unknown): string | null {
  const ms = typeof value === "string" ? msOfText(value) : msOfNumber(value);
  return ms === null || !(ms >= EARLIEST && ms < LATEST) ? null : new Date(ms).toISOString();
}

function msOfText(value: string): number | null {
  if (/^\d{9,14}(?:\.\d+)?$/.test(value)) return msOfNumber(Number(value));
  const parts =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?)?$/i.exec(value);
  if (parts === null) return null;
  const [, day, time = "00:00", zone = "Z"] = parts;
  return Date.parse(`${day}T${time}${zone.toUpperCase()}`);
}

/** Eleven digits and more are milliseconds: as seconds, they would be after the year 2286. */
function msOfNumber(value: unknown): number | null {
  if (typeof value !== "number") return null;
  return value < 1e10 ? value * 1000 : value;
}
