/** @module A duration in calendar units, written as `1y5m7d2h`. */

export interface CalendarDuration {
  readonly years: number;
  readonly months: number;
  readonly days: number;
  readonly hours: number;
}

/**
 * The parts in any order, each once, and not all zero. At most five digits: then every date that {@link before} computes is one that
 * JavaScript can represent.
 */
export const CALENDAR_DURATION: RegExp = /^(?!.*([ymdh]).*\1)(?=.*[1-9])(?:\d{1,5}[ymdh])+$/;

/** Null if it is not a {@link CALENDAR_DURATION}. */
export function parseCalendarDuration(text: string): CalendarDuration | null {
  const trimmed = text.trim();
  if (!CALENDAR_DURATION.test(trimmed)) return null;
  const parts = new Map(
    Array.from(trimmed.matchAll(/(\d+)(\w)/g), ([, amount, unit]) => [unit, Number(amount)]),
  );
  const [years = 0, months = 0, days = 0, hours = 0] = ["y", "m", "d", "h"].map((unit) =>
    parts.get(unit),
  );
  return { years, months, days, hours };
}

/** `1y5m7d2h` */
export function calendarDurationText({ years, months, days, hours }: CalendarDuration): string {
  const parts = [`${years}y`, `${months}m`, `${days}d`, `${hours}h`];
  return parts.filter((part) => !part.startsWith("0")).join("");
}

/** In UTC. A day that a month does not have is a day of the next month: one month before March 31 is March 3, as in restic. */
export function before(at: Date, { years, months, days, hours }: CalendarDuration): Date {
  const date = new Date(at);
  date.setUTCFullYear(
    at.getUTCFullYear() - years,
    at.getUTCMonth() - months,
    at.getUTCDate() - days,
  );
  date.setTime(date.getTime() - hours * 3_600_000);
  return date;
}
