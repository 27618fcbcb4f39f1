/** @module A duration in calendar units, written as `1y5m7d2h`. */

export interface CalendarDuration {
  readonly years: number;
  readonly months: number;
  readonly days: number;
  readonly hours: number;
}

/** At most five digits: then every date that {@link before} computes is one that JavaScript can represent. */
const PART = /(\d{1,5})([ymdh])/g;

/** The parts in any order, each once. Null for anything else, and for a duration of zero. */
export function parseCalendarDuration(text: string): CalendarDuration | null {
  const parts = new Map<string, number>();
  const rest = text.trim().replace(PART, (part, amount: string, unit: string) => {
    if (parts.has(unit)) return part;
    parts.set(unit, Number(amount));
    return "";
  });
  const [years = 0, months = 0, days = 0, hours = 0] = ["y", "m", "d", "h"].map((unit) =>
    parts.get(unit),
  );
  const isZero = years + months + days + hours === 0;
  return rest !== "" || isZero ? null : { years, months, days, hours };
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
